"""The order in which a pod's containers start and end, and what is left of it."""

import asyncio

import pytest
from sandbox.kubelet.node import (
    SICK,
    Node,
    condition,
    config_map,
    container,
    pod,
)

from app.sandbox.objects import Json, Obj, at, is_ending, number, table, text
from app.sandbox.shell.container import Container


async def test_init_containers_run_one_after_the_other_before_the_others(here: Node) -> None:
    inits = [container("once", "first"), container("once", "second")]
    here.create(pod(initContainers=inits))
    await here.until(lambda: at(here.pod(), "status.conditions") is not None)
    assert text(here.status(), "state.waiting.reason") == "PodInitializing"
    assert text(here.pod(), "status.phase") == "Pending"
    await here.until_ready()
    assert [one.argv[0] for one in here.ran] == ["/once", "/once", "/server"]
    first = here.status("first")
    assert text(first, "state.terminated.reason") == "Completed"
    assert (first["ready"], first["started"]) == (True, False)


async def test_an_init_container_that_fails_for_good_fails_the_pod(here: Node) -> None:
    here.create(pod(initContainers=[container("crash", "first")], restartPolicy="Never"))
    await here.until(lambda: text(here.pod(), "status.phase") == "Failed")
    assert condition(here.pod(), "Initialized") == "False"


async def test_a_native_sidecar_is_up_before_and_ends_after_the_others(here: Node) -> None:
    ended: list[str] = []

    async def program(inside: Container) -> int:
        await inside.stopping.wait()
        ended.append(inside.argv[0])
        return 0

    here.add("app", program)
    here.add("side", program)
    sidecar = container("side", "side", restartPolicy="Always")
    here.create(pod(container("app"), initContainers=[sidecar]))
    await here.until_ready()
    assert here.status("side")["started"] is True
    here.registry.delete("pods", "web", "default")
    await here.until_gone()
    assert ended == ["/app", "/side"]


async def test_a_sidecar_that_is_killed_comes_back_alone(here: Node) -> None:
    crashed = asyncio.Event()

    async def program(inside: Container) -> int:
        await crashed.wait()
        if here.ran:
            await inside.stopping.wait()
        here.ran.append(inside)
        return -9

    here.add("side", program)
    here.images["app"] = here.images["stubborn"]
    sidecar = container("side", "side", restartPolicy="Always")
    crashed.clear()
    here.create(pod(container("app"), initContainers=[sidecar], terminationGracePeriodSeconds=0))
    await here.until_ready()
    here.ran.clear()
    crashed.set()
    await here.until(lambda: number(here.status("side"), "restartCount") == 1)
    assert number(here.status("side"), "lastState.terminated.exitCode") == 137
    assert number(here.status(), "restartCount") == 0


async def test_a_pod_that_does_its_work_once_succeeds(here: Node) -> None:
    side = container("server", "side", restartPolicy="Always")
    here.create(pod(container("once"), initContainers=[side], restartPolicy="Never"))
    await here.until(lambda: text(here.pod(), "status.phase") == "Succeeded")
    assert condition(here.pod(), "Ready") == "False"
    await here.until(lambda: at(here.status("side"), "state.terminated") is not None)
    assert here.told("Killing") == ["Stopping container side"]
    assert len(here.network.places) == 0


@pytest.mark.parametrize(("policy", "phase"), [("Never", "Failed"), ("OnFailure", "Running")])
async def test_the_restart_policy_is_obeyed(here: Node, policy: str, phase: str) -> None:
    here.create(pod(container("crash"), restartPolicy=policy))
    await here.until(lambda: here.ran and at(here.status(), "lastState") is not None)
    again = policy == "OnFailure"
    await here.until(lambda: number(here.status(), "restartCount") == (1 if again else 0))
    await here.until(lambda: text(here.pod(), "status.phase") == phase)


async def test_a_pod_ends_within_its_grace_or_a_shorter_one(here: Node) -> None:
    here.create(pod(container("stubborn"), terminationGracePeriodSeconds=0))
    await here.until_ready()
    seen = []

    def gone() -> bool:
        found = here.store.get("pods", "web", "default")
        seen.append(found)
        return found is None

    ending = here.registry.delete("pods", "web", "default", grace_s=30)
    assert is_ending(here.pod())
    shorter: Obj = {**table(ending, "metadata"), "deletionGracePeriodSeconds": 0}
    here.store.update({**ending, "metadata": shorter})
    await here.until(gone)
    last = [one for one in seen if one][-1]
    assert at(last, "status.containerStatuses.0.state.terminated.exitCode") == 137
    assert here.told("Killing") == ["Stopping container web"]


async def test_a_pod_deleted_by_force_leaves_no_program(here: Node) -> None:
    here.create(pod(container("stubborn")))
    await here.until_ready()
    here.registry.delete("pods", "web", "default", grace_s=0)
    assert here.store.get("pods", "web", "default") is None
    await here.until(lambda: here.told("Killing"))
    here.create(pod())
    await here.until_ready()


async def test_a_snapshots_pod_runs_again_and_has_been_restarted(here: Node) -> None:
    here.create(pod())
    await here.until_ready()
    status = here.pod()["status"]
    here.registry.delete("pods", "web", "default", grace_s=0)
    again = pod(name="again")
    here.store.create({**again, "status": status})
    await here.until(lambda: number(here.status(pod="again"), "restartCount") == 1)
    await here.until_ready("again")
    assert at(here.status(pod="again"), "lastState.terminated.exitCode") == 255


async def test_a_pod_past_its_deadline_has_failed_and_stays(here: Node) -> None:
    here.create(pod(activeDeadlineSeconds=1, terminationGracePeriodSeconds=0))
    await here.until_ready()
    await here.until(lambda: text(here.pod(), "status.phase") == "Failed")
    assert text(here.pod(), "status.reason") == "DeadlineExceeded"
    assert condition(here.pod(), "Ready") == "False"


async def test_a_running_pods_files_follow_its_config_map_and_at_once_its_labels(
    here: Node,
) -> None:
    here.create(config_map("settings", {"key": "old"}))
    here.create(config_map("other", {}))
    item: Obj = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
    volumes: list[Json] = [
        {"name": "v", "configMap": {"name": "settings"}},
        {"name": "o", "configMap": {"name": "other"}},
        {"name": "d", "downwardAPI": {"items": [item]}},
    ]
    mounts: list[Json] = [{"name": name, "mountPath": f"/{name}"} for name in ("v", "d")]
    here.create(pod(container(volumeMounts=mounts), volumes=volumes))
    await here.until_ready()
    files = here.ran[0].files
    found = here.store.get("configmaps", "settings", "default") or {}
    here.store.update({**found, "data": {"key": "new"}})
    here.store.remove("configmaps", "other", "default")
    assert files.read("/v/key") == b"old"
    await here.until(lambda: here.told("FailedMount"))
    assert files.read("/v/key") == b"new"
    labelled: Obj = {**table(here.pod(), "metadata"), "labels": {"app": "other"}}
    here.store.update({**here.pod(), "metadata": labelled})
    assert files.read("/d/labels") == b'app="other"'


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({}, 3, "why\n"),
        ({}, 0, "why\n"),
        ({"terminationMessagePath": "/tmp/own"}, 3, ""),
        (
            {
                "terminationMessagePath": "/tmp/own",
                "terminationMessagePolicy": "FallbackToLogsOnError",
            },
            3,
            "last words\n",
        ),
        (
            {
                "terminationMessagePath": "/tmp/own",
                "terminationMessagePolicy": "FallbackToLogsOnError",
            },
            0,
            "",
        ),
    ],
)
async def test_what_a_container_says_of_its_end_is_in_its_status(
    here: Node, fields: Obj, code: int, message: str
) -> None:
    async def program(inside: Container) -> int:
        if inside.files.has("/dev/termination-log"):
            inside.write("/dev/termination-log", b"why\n")
        inside.log("last words")
        return code

    here.add("app", program)
    user: Obj = {"runAsUser": 100}
    here.create(pod(container("app", securityContext=user, **fields), restartPolicy="Never"))
    await here.until(lambda: at(here.status(), "state.terminated") is not None)
    assert text(here.status(), "state.terminated.message") == message


async def test_of_a_long_farewell_the_beginning_of_its_end_is_kept(here: Node) -> None:
    """4096 bytes of the file's end; then each container has its share of 12 KiB."""

    async def program(inside: Container) -> int:
        inside.write("/dev/termination-log", b"".join(b"%d\n" % n for n in range(1, 2001)))
        return 1

    here.add("app", program)
    many = [container("app", f"c{number}") for number in range(5)]
    here.create(pod(*many, restartPolicy="Never"))
    await here.until(lambda: at(here.status("c4"), "state.terminated") is not None)
    message = text(here.status("c4"), "state.terminated.message")
    assert message.startswith("\n1182\n1183\n")
    assert message.endswith("\n1672\n1")


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        ({"exec": {"command": ["true"]}}, []),
        ({"exec": {"command": ["false"]}}, ["PreStopHook failed"]),
        ({"httpGet": {"path": "/", "port": 80}}, []),
        ({"httpGet": {"path": "/", "port": 81}}, ["PreStopHook failed"]),
    ],
)
async def test_a_hook_before_the_end_fails_by_its_words_and_holds_nothing_up(
    here: Node, hook: Obj, told: list[str]
) -> None:
    here.answer = SICK  # the status of an answer does not matter to a hook
    here.create(pod(container(lifecycle={"preStop": hook})))
    await here.until_ready()
    here.registry.delete("pods", "web", "default")
    await here.until_gone()
    assert here.told("FailedPreStopHook") == told


async def test_a_hook_after_the_start_that_fails_ends_the_run(here: Node) -> None:
    hook: Obj = {"httpGet": {"path": "/up", "port": 81}}
    here.create(pod(container(lifecycle={"postStart": hook, "preStop": hook})))
    await here.until(lambda: number(here.status(), "restartCount") > 0)
    assert "FailedPostStartHook" in here.told("Killing")
    assert here.told("FailedPreStopHook")  # a run that the kubelet ends is ended as any other
