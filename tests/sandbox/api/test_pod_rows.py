"""READY, STATUS and RESTARTS of pods in states that are hard to meet in a recording."""

from datetime import UTC, datetime, timedelta

import pytest

from app.sandbox.api.tables.pods import pod_cells
from app.sandbox.objects import Json, Obj, stamp

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ago(seconds: int) -> str:
    return stamp(NOW - timedelta(seconds=seconds))


def status(name: str, *, restarts: int = 0, ready: bool = False, **more: Json) -> Obj:
    return {"name": name, "restartCount": restarts, "ready": ready, **more}


def pod(
    *statuses: Obj, init: tuple[Obj, ...] = (), sidecars: tuple[str, ...] = (), **more: Json
) -> Obj:
    """Return a pod of the containers whose statuses are given."""
    started: list[Json] = [
        {"name": one["name"], **({"restartPolicy": "Always"} if one["name"] in sidecars else {})}
        for one in init
    ]
    return {
        "metadata": {"name": "p", "creationTimestamp": ago(60), **_meta(more)},
        "spec": {
            "containers": [{"name": one["name"]} for one in statuses],
            "initContainers": started,
        },
        "status": {
            "phase": "Pending",
            "containerStatuses": [*statuses],
            "initContainerStatuses": [*init],
            **{key: value for key, value in more.items() if key != "deletionTimestamp"},
        },
    }


def _meta(more: dict[str, Json]) -> Obj:
    ends = more.get("deletionTimestamp")
    return {"deletionTimestamp": ends} if ends else {}


RUNNING: Json = {"running": {"startedAt": ago(50)}}
DONE: Json = {"terminated": {"exitCode": 0, "reason": "Completed"}}
FAILED: Json = {"terminated": {"exitCode": 1, "reason": "Error"}}
READY: list[Json] = [{"type": "Ready", "status": "True"}]


def waiting(reason: str) -> Json:
    return {"waiting": {"reason": reason}}


@pytest.mark.parametrize(
    ("shown", "ready", "word"),
    [
        (pod(status("a", state=waiting("ContainerCreating"))), "0/1", "ContainerCreating"),
        (pod(status("a", state=waiting("ErrImagePull"))), "0/1", "ErrImagePull"),
        (pod(status("a", state=waiting("CrashLoopBackOff"))), "0/1", "CrashLoopBackOff"),
        (pod(status("a", state=FAILED), phase="Failed"), "0/1", "Error"),
        (pod(status("a", state=DONE), phase="Succeeded"), "0/1", "Completed"),
        (
            pod(status("a", state={"terminated": {"exitCode": 137, "signal": 9}})),
            "0/1",
            "Signal:9",
        ),
        (pod(status("a", state={"terminated": {"exitCode": 3}})), "0/1", "ExitCode:3"),
        (pod(status("a", state=RUNNING, ready=True), phase="Running"), "1/1", "Running"),
        (
            pod(status("a", state=DONE), status("b", state=RUNNING, ready=True), phase="Running"),
            "1/2",
            "NotReady",
        ),
        (
            pod(
                status("a", state=DONE),
                status("b", state=RUNNING, ready=True),
                phase="Running",
                conditions=READY,
            ),
            "1/2",
            "Running",
        ),
        (
            pod(
                status("a", state=waiting("PodInitializing")),
                init=(status("i", state=FAILED),),
            ),
            "0/1",
            "Init:Error",
        ),
        (
            pod(
                status("a", state=waiting("PodInitializing")),
                init=(status("i", state=waiting("CrashLoopBackOff")),),
            ),
            "0/1",
            "Init:CrashLoopBackOff",
        ),
        (
            pod(
                status("a", state=waiting("PodInitializing")),
                init=(status("i", state=DONE), status("proxy", state=RUNNING)),
                sidecars=("proxy",),
            ),
            "0/2",
            "Init:1/2",
        ),
        (
            pod(
                status("a", state=waiting("PodInitializing")),
                init=(status("i", state=DONE), status("proxy", state=RUNNING, started=True)),
                sidecars=("proxy",),
            ),
            "0/2",
            "PodInitializing",
        ),
        (
            pod(status("a", state=RUNNING, ready=True), phase="Running", deletionTimestamp=ago(1)),
            "1/1",
            "Terminating",
        ),
        (
            pod(status("a", state=DONE), phase="Succeeded", deletionTimestamp=ago(1)),
            "0/1",
            "Completed",
        ),
        (pod(phase="Failed", reason="Evicted"), "0/0", "Evicted"),
        (pod(), "0/0", "Pending"),
    ],
)
def test_a_pods_status_is_the_word_of_a_real_server(shown: Obj, ready: str, word: str) -> None:
    assert pod_cells(shown, NOW)[1:3] == [ready, word]


def test_restarts_tell_when_the_last_one_was() -> None:
    ended: Json = {"terminated": {"finishedAt": ago(5)}}
    one = status("a", restarts=3, state=RUNNING, ready=True, lastState=ended)
    assert pod_cells(pod(one, phase="Running"), NOW)[3] == "3 (5s ago)"


def test_restarts_of_ordinary_init_containers_are_forgotten_once_the_pod_runs() -> None:
    ended: Json = {"terminated": {"finishedAt": ago(5)}}
    first = status("i", restarts=2, state=DONE, lastState=ended)
    proxy = status("proxy", restarts=1, state=RUNNING, started=True, ready=True, lastState=ended)
    shown = pod(
        status("a", state=RUNNING, ready=True),
        init=(first, proxy),
        sidecars=("proxy",),
        phase="Running",
    )
    assert pod_cells(shown, NOW)[1:4] == ["2/2", "Running", "1 (5s ago)"]
