"""Deployments: ReplicaSets, rollouts, revisions, conditions."""

import re
from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, deployment, plane

from app.sandbox.control.deployment.family import hash_of
from app.sandbox.objects import (
    Obj,
    annotations_of,
    is_ending,
    items,
    name_of,
    number,
    table,
    text,
)

REVISION = "deployment.kubernetes.io/revision"


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


async def ready(cluster: Plane) -> None:
    """Play the node until nothing moves: pods become ready, ending ones go."""
    version = -1
    while version != cluster.store.version:
        version = cluster.store.version
        for pod in cluster.pods():
            if text(pod, "status.phase") != "Running" and not is_ending(pod):
                cluster.set_pod(pod)
        cluster.remove_ending()
        await cluster.settle()


def sets(cluster: Plane) -> list[Obj]:
    found = cluster.store.list("replicasets.apps", "default")
    return sorted(found, key=lambda one: int(annotations_of(one)[REVISION]))


def now(cluster: Plane) -> Obj:
    found = cluster.store.get("deployments.apps", "web", "default")
    assert found
    return found


def condition(cluster: Plane, type_: str) -> tuple[str, str, str]:
    found = next(c for c in items(now(cluster), "status.conditions") if c["type"] == type_)
    return text(found, "status"), text(found, "reason"), text(found, "message")


async def test_its_replicaset_and_pods_have_names_of_the_real_shape(cluster: Plane) -> None:
    cluster.apply(deployment())
    await cluster.settle()
    (name,) = cluster.names("replicasets.apps")
    assert re.fullmatch(r"web-[bcdf-hj-np-tv-z2456789]{6,10}", name)
    for pod in cluster.pods():
        assert re.fullmatch(re.escape(name) + r"-[bcdf-hj-np-tv-z2456789]{5}", name_of(pod))
    assert cluster.told("ScalingReplicaSet") == [f"Scaled up replica set {name} from 0 to 2"]


async def test_the_same_template_has_the_same_hash_whatever_label_it_carries() -> None:
    template = table(deployment(), "spec.template")
    labelled: Obj = {**template, "metadata": {"labels": {"app": "web", "pod-template-hash": "x"}}}
    assert hash_of(template, 0) == hash_of(labelled, 0) != hash_of(template, 1)


async def test_an_empty_field_makes_no_other_replicaset(cluster: Plane) -> None:
    made = deployment(1)
    table(made, "spec.template.spec.containers.0")["env"] = [{"name": "EMPTY", "value": ""}]
    cluster.registry.create(made)
    await ready(cluster)
    assert len(cluster.names("replicasets.apps")) == 1


async def test_it_says_how_far_it_is(cluster: Plane) -> None:
    cluster.apply(deployment())
    await cluster.settle()
    (name,) = cluster.names("replicasets.apps")
    told = f'ReplicaSet "{name}" is progressing.'
    assert condition(cluster, "Progressing") == ("True", "ReplicaSetUpdated", told)
    told = "Deployment does not have minimum availability."
    assert condition(cluster, "Available") == ("False", "MinimumReplicasUnavailable", told)
    await ready(cluster)
    told = f'ReplicaSet "{name}" has successfully progressed.'
    assert condition(cluster, "Progressing") == ("True", "NewReplicaSetAvailable", told)
    assert condition(cluster, "Available")[:2] == ("True", "MinimumReplicasAvailable")
    status = table(now(cluster), "status")
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    assert {status[count] for count in counts} == {2}
    assert status["observedGeneration"] == number(now(cluster), "metadata.generation") == 1
    assert "unavailableReplicas" not in status


async def test_a_rollout_never_has_fewer_or_more_pods_than_it_may(cluster: Plane) -> None:
    cluster.apply(deployment(4))
    await ready(cluster)
    cluster.apply(deployment(4, "nginx:2"))
    await cluster.settle()
    assert [number(one, "spec.replicas") for one in sets(cluster)] == [3, 2]  # 25 % of 4 each way
    await ready(cluster)
    assert [number(one, "spec.replicas") for one in sets(cluster)] == [0, 4]
    assert annotations_of(now(cluster))[REVISION] == "2"


async def test_a_rollout_that_never_becomes_ready_leaves_the_old_pods(cluster: Plane) -> None:
    cluster.apply(deployment(2))
    await ready(cluster)
    cluster.apply(deployment(2, "ngnix"))
    await cluster.settle()
    await cluster.settle()
    assert [number(one, "spec.replicas") for one in sets(cluster)] == [2, 1]
    assert number(now(cluster), "status.updatedReplicas") == 1
    assert number(now(cluster), "status.unavailableReplicas") == 1


async def test_going_back_takes_the_old_replicaset_with_a_new_revision(cluster: Plane) -> None:
    cluster.apply(deployment(2))
    await ready(cluster)
    cluster.apply(deployment(2, "nginx:2"))
    await ready(cluster)
    cluster.apply(deployment(2))
    await ready(cluster)
    old, new = sets(cluster)
    assert number(new, "spec.replicas") == 2
    assert annotations_of(old)[REVISION] == "2"
    assert annotations_of(new)[REVISION] == "3"
    assert annotations_of(new)["deployment.kubernetes.io/revision-history"] == "1"


async def test_recreate_waits_until_the_old_pods_are_gone(cluster: Plane) -> None:
    cluster.apply(deployment(1, strategy={"type": "Recreate"}))
    await ready(cluster)
    cluster.apply(deployment(1, "nginx:2", strategy={"type": "Recreate"}))
    await cluster.settle()
    assert [is_ending(pod) for pod in cluster.pods()] == [True]
    await ready(cluster)
    (pod,) = cluster.pods()
    assert text(pod, "spec.containers.0.image") == "nginx:2"


async def test_scaling_keeps_the_replicaset(cluster: Plane) -> None:
    cluster.apply(deployment(1))
    await ready(cluster)
    (name,) = cluster.names("replicasets.apps")
    cluster.apply(deployment(3))
    await ready(cluster)
    assert cluster.names("replicasets.apps") == [name]
    assert len(cluster.pods()) == 3
    cluster.apply(deployment(0))
    await ready(cluster)
    assert cluster.pods() == []
    assert cluster.told("ScalingReplicaSet")[-1] == f"Scaled down replica set {name} from 3 to 0"
    assert condition(cluster, "Available")[0] == "True"


async def test_scaling_in_the_middle_of_a_rollout_goes_on_afterwards(cluster: Plane) -> None:
    cluster.apply(deployment(4))
    await ready(cluster)
    cluster.apply(deployment(4, "nginx:2"))
    await cluster.settle()
    cluster.apply(deployment(8, "nginx:2"))
    await ready(cluster)
    assert [number(one, "spec.replicas") for one in sets(cluster)] == [0, 8]


async def test_a_paused_one_scales_but_does_not_roll(cluster: Plane) -> None:
    cluster.apply(deployment(1))
    await ready(cluster)
    cluster.apply(deployment(2, "nginx:2", paused=True))
    await ready(cluster)
    assert len(sets(cluster)) == 1
    assert len(cluster.pods()) == 2
    assert condition(cluster, "Progressing") == (
        "Unknown",
        "DeploymentPaused",
        "Deployment is paused",
    )
    cluster.apply(deployment(2, "nginx:2"))
    await ready(cluster)
    assert [number(one, "spec.replicas") for one in sets(cluster)] == [0, 2]


async def test_a_deadline_that_passes_is_told(cluster: Plane) -> None:
    cluster.apply(deployment(1, progressDeadlineSeconds=1))
    await cluster.settle()
    past = "2026-01-01T00:00:00Z"
    conditions = [{**c, "lastUpdateTime": past} for c in items(now(cluster), "status.conditions")]
    cluster.store.update(
        {**now(cluster), "status": {**table(now(cluster), "status"), "conditions": [*conditions]}}
    )
    await cluster.settle()
    (name,) = cluster.names("replicasets.apps")
    told = f'ReplicaSet "{name}" has timed out progressing.'
    assert condition(cluster, "Progressing") == ("False", "ProgressDeadlineExceeded", told)


async def test_only_so_many_old_replicasets_are_kept(cluster: Plane) -> None:
    for tag in range(4):
        cluster.apply(deployment(1, f"nginx:{tag}", revisionHistoryLimit=1))
        await ready(cluster)
    assert [annotations_of(one)[REVISION] for one in sets(cluster)] == ["3", "4"]


async def test_deleting_it_takes_replicasets_and_pods_along(cluster: Plane) -> None:
    cluster.apply(deployment())
    await ready(cluster)
    cluster.delete("deployments.apps", "web")
    await ready(cluster)
    assert cluster.names("replicasets.apps") == []
    assert cluster.pods() == []


async def test_a_pod_that_is_refused_is_told(cluster: Plane) -> None:
    refused = deployment(1)
    table(refused, "spec.template.spec")["serviceAccountName"] = "nobody"
    cluster.apply(refused)
    await cluster.until(lambda: cluster.told("FailedCreate"))
    (told,) = cluster.told("FailedCreate")[:1]
    assert "is forbidden: error looking up service account default/nobody: service" in told
    await cluster.settle()
    assert condition(cluster, "ReplicaFailure")[:2] == ("True", "FailedCreate")
