"""Jobs: completions, failures, deadlines, and their end."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, plane

from app.sandbox.objects import Json, Obj, items, labels_of, number, table, text


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def job(**spec: Json) -> Obj:
    template: Obj = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"restartPolicy": "Never", "containers": [container()]},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"template": template, **spec},
    }


def now(cluster: Plane) -> Obj:
    found = cluster.store.get("jobs.batch", "web", "default")
    assert found
    return found


def conditions(cluster: Plane) -> dict[str, str]:
    return {text(c, "type"): text(c, "reason") for c in items(now(cluster), "status.conditions")}


def running(cluster: Plane) -> list[Obj]:
    return [
        pod for pod in cluster.pods() if text(pod, "status.phase") in ("", "Pending", "Running")
    ]


async def test_a_job_is_complete_when_enough_pods_have_succeeded(cluster: Plane) -> None:
    cluster.apply(job(completions=3, parallelism=2))
    await cluster.settle()
    assert len(cluster.pods()) == 2
    assert labels_of(cluster.pods()[0])["batch.kubernetes.io/job-name"] == "web"
    for _ in range(2):
        for pod in running(cluster):
            cluster.set_pod(pod, phase="Succeeded", ready=False)
        await cluster.settle()
    assert len(cluster.pods()) == 3
    assert number(now(cluster), "status.succeeded") == 3
    assert conditions(cluster) == {
        "SuccessCriteriaMet": "CompletionsReached",
        "Complete": "CompletionsReached",
    }
    assert text(now(cluster), "status.completionTime")
    assert cluster.told("Completed") == ["Job completed"]


async def test_a_failed_pod_is_tried_again_until_the_limit(cluster: Plane) -> None:
    cluster.apply(job(backoffLimit=1))
    await cluster.settle()
    cluster.set_pod(running(cluster)[0], phase="Failed", ready=False, code=1)
    await cluster.until(lambda: len(cluster.pods()) == 2)
    cluster.set_pod(running(cluster)[0], phase="Failed", ready=False, code=1)
    await cluster.settle()
    assert conditions(cluster)["Failed"] == "BackoffLimitExceeded"
    told = "Job has reached the specified backoff limit"
    assert cluster.told("BackoffLimitExceeded") == [told]
    assert number(now(cluster), "status.failed") == 2


async def test_a_suspended_job_has_no_pods(cluster: Plane) -> None:
    cluster.apply(job(suspend=True))
    await cluster.settle()
    assert cluster.pods() == []
    cluster.apply(job())
    await cluster.settle()
    assert len(cluster.pods()) == 1


async def test_a_suspended_job_says_so_and_begins_anew_once_it_may(cluster: Plane) -> None:
    cluster.apply(job(suspend=True))
    await cluster.settle()
    assert conditions(cluster) == {"Suspended": "JobSuspended"}
    assert "startTime" not in table(now(cluster), "status")
    found = now(cluster)
    cluster.store.update({**found, "spec": {**table(found, "spec"), "suspend": False}})
    await cluster.settle()
    assert conditions(cluster) == {"Suspended": "JobResumed"}
    assert text(now(cluster), "status.startTime")
    assert len(cluster.pods()) == 1


async def test_a_job_past_its_deadline_is_stopped(cluster: Plane) -> None:
    cluster.apply(job(activeDeadlineSeconds=10))
    await cluster.settle()
    old: Obj = {"startTime": "2026-01-01T00:00:00Z"}
    cluster.store.edit("jobs.batch", "web", "default", lambda found: {**found, "status": old})
    await cluster.settle()
    assert conditions(cluster)["Failed"] == "DeadlineExceeded"
    cluster.remove_ending()
    assert running(cluster) == []


async def test_a_finished_job_goes_after_its_time(cluster: Plane) -> None:
    cluster.apply(job(ttlSecondsAfterFinished=0))
    await cluster.settle()
    cluster.set_pod(running(cluster)[0], phase="Succeeded", ready=False)
    await cluster.until(lambda: cluster.names("jobs.batch") == [])
    await cluster.settle()
    assert cluster.pods() == []
