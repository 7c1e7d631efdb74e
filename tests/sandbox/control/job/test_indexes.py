"""Indexed Jobs: each number has a pod of its own, is done once, and may have failures of its own.

What a real cluster's Job controller did with the same Jobs (Kubernetes 1.35) is the measure.
"""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, plane

from app.sandbox.control.job.indexes import INDEX, read_ranges, written_ranges
from app.sandbox.objects import Obj, annotations_of, at, items, labels_of, name_of, text


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def job(**spec: object) -> Obj:
    template: Obj = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"restartPolicy": "Never", "containers": [container()]},
    }
    made = {"template": template, "completionMode": "Indexed", "backoffLimit": 9, **spec}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": made,  # type: ignore[dict-item]
    }


def status(cluster: Plane) -> Obj:
    found = cluster.store.get("jobs.batch", "web", "default")
    assert found
    told = at(found, "status")
    assert isinstance(told, dict)
    return told


def reasons(cluster: Plane) -> dict[str, str]:
    told = {"status": status(cluster)}
    return {text(c, "type"): text(c, "reason") for c in items(told, "status.conditions")}


def running(cluster: Plane) -> dict[str, Obj]:
    """Return the pods that run by their numbers."""
    active = [pod for pod in cluster.pods() if text(pod, "status.phase") in ("", "Pending")]
    return {annotations_of(pod)[INDEX]: pod for pod in active}


async def test_each_number_has_a_pod_that_knows_it(cluster: Plane) -> None:
    cluster.apply(job(completions=3, parallelism=2))
    await cluster.settle()
    assert sorted(running(cluster)) == ["0", "1"]
    pod = running(cluster)["1"]
    assert name_of(pod).startswith("web-1-")
    assert labels_of(pod)[INDEX] == "1"
    assert text(pod, "spec.hostname") == "web-1"
    (variable,) = items(items(pod, "spec.containers")[0], "env")
    assert variable["name"] == "JOB_COMPLETION_INDEX"
    assert text(variable, "valueFrom.fieldRef.fieldPath") == f"metadata.labels['{INDEX}']"
    cluster.set_pod(pod, phase="Succeeded", ready=False)
    await cluster.settle()
    assert sorted(running(cluster)) == ["0", "2"]
    assert status(cluster)["completedIndexes"] == "1"
    for each in running(cluster).values():
        cluster.set_pod(each, phase="Succeeded", ready=False)
    await cluster.settle()
    assert (status(cluster)["completedIndexes"], status(cluster)["succeeded"]) == ("0-2", 3)
    assert reasons(cluster)["Complete"] == "CompletionsReached"


async def test_a_number_that_failed_is_tried_again_and_a_second_success_counts_once(
    cluster: Plane,
) -> None:
    cluster.apply(job(completions=2, parallelism=2))
    await cluster.settle()
    first = running(cluster)
    cluster.set_pod(first["0"], phase="Failed", ready=False, code=1)
    cluster.set_pod(first["1"], phase="Succeeded", ready=False)
    await cluster.until(lambda: running(cluster).keys() == {"0"})
    cluster.store.remove("pods", name_of(first["1"]), "default")
    cluster.set_pod(running(cluster)["0"], phase="Succeeded", ready=False)
    await cluster.settle()
    assert (status(cluster)["succeeded"], status(cluster)["failed"]) == (2, 1)
    assert "failedIndexes" not in status(cluster)


async def test_a_number_past_its_own_limit_fails_the_job_once_the_others_are_done(
    cluster: Plane,
) -> None:
    cluster.apply(job(completions=3, parallelism=3, backoffLimitPerIndex=0))
    await cluster.settle()
    mark = "batch.kubernetes.io/job-index-failure-count"
    assert {annotations_of(pod)[mark] for pod in running(cluster).values()} == {"0"}
    cluster.set_pod(running(cluster)["1"], phase="Failed", ready=False, code=1)
    await cluster.settle()
    assert status(cluster)["failedIndexes"] == "1"
    assert reasons(cluster) == {}
    for each in running(cluster).values():
        cluster.set_pod(each, phase="Succeeded", ready=False)
    await cluster.settle()
    assert reasons(cluster) == {"FailureTarget": "FailedIndexes", "Failed": "FailedIndexes"}
    assert (status(cluster)["completedIndexes"], status(cluster)["failedIndexes"]) == ("0,2", "1")
    assert cluster.told("FailedIndexes") == ["Job has failed indexes"]


async def test_too_many_failed_numbers_end_the_job_at_once(cluster: Plane) -> None:
    limits = {"backoffLimitPerIndex": 0, "maxFailedIndexes": 1}
    cluster.apply(job(completions=4, parallelism=4, **limits))
    await cluster.settle()
    for number in ("0", "1"):
        cluster.set_pod(running(cluster)[number], phase="Failed", ready=False, code=1)
    await cluster.settle()
    assert reasons(cluster)["Failed"] == "MaxFailedIndexesExceeded"
    assert status(cluster)["failedIndexes"] == "0,1"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [([], ""), ([4], "4"), ([1, 0], "0,1"), ([0, 2, 3, 4, 7, 8], "0,2-4,7,8")],
)
def test_numbers_are_written_in_runs(numbers: list[int], written: str) -> None:
    assert written_ranges(numbers) == written
    assert read_ranges(written) == frozenset(numbers)
