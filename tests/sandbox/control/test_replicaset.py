"""ReplicaSets: adoption, letting go, the order of removal, numbers."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, plane, pod

from app.sandbox.control.pods import removal_rank
from app.sandbox.objects import Json, Obj, items, name_of, number, table, text


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def replicaset(replicas: int, **spec: Json) -> Obj:
    template: Obj = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container()]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
            **spec,
        },
    }


def now(cluster: Plane) -> Obj:
    found = cluster.store.get("replicasets.apps", "web", "default")
    assert found
    return found


async def test_a_pod_that_matches_and_is_nobodys_is_adopted(cluster: Plane) -> None:
    cluster.apply(pod("orphan"))
    cluster.apply(replicaset(2))
    await cluster.settle()
    assert len(cluster.pods()) == 2
    orphan = cluster.store.get("pods", "orphan", "default")
    (owner,) = items(orphan, "metadata.ownerReferences")
    assert owner["uid"] == text(now(cluster), "metadata.uid")
    assert (owner["controller"], owner["blockOwnerDeletion"]) == (True, True)


async def test_a_pod_that_matches_no_more_is_let_go_and_replaced(cluster: Plane) -> None:
    cluster.apply(replicaset(1))
    await cluster.settle()
    (before,) = cluster.pods()
    meta: Obj = {**table(before, "metadata"), "labels": {"app": "debugging"}}
    cluster.store.update({**before, "metadata": meta})
    await cluster.settle()
    assert len(cluster.pods()) == 1
    let_go = cluster.store.get("pods", name_of(before), "default")
    assert items(let_go, "metadata.ownerReferences") == []


async def test_a_pod_that_is_deleted_or_has_failed_is_replaced(cluster: Plane) -> None:
    cluster.apply(replicaset(2))
    await cluster.settle()
    first, second = cluster.pods()
    cluster.set_pod(first, phase="Failed", code=1)
    cluster.delete("pods", name_of(second))
    await cluster.settle()
    active = [one for one in cluster.pods() if text(one, "status.phase") != "Failed"]
    assert len([one for one in active if "deletionTimestamp" not in table(one, "metadata")]) == 2
    assert number(now(cluster), "status.terminatingReplicas") == 1


async def test_what_is_not_ready_goes_first(cluster: Plane) -> None:
    cluster.apply(replicaset(2))
    await cluster.settle()
    first, second = cluster.pods()
    cluster.set_pod(first)
    cluster.set_pod(second, ready=False)
    cluster.apply(replicaset(1))
    await cluster.settle()
    assert cluster.told("SuccessfulDelete") == [f"Deleted pod: {name_of(second)}"]


def test_pods_are_removed_in_kubernetes_order() -> None:
    def one(name: str, phase: str = "Running", ready_at: str = "", cost: str = "") -> Obj:
        ready: Obj = {"type": "Ready", "status": "True", "lastTransitionTime": ready_at}
        conditions: list[Json] = [ready] if ready_at else []
        notes: Obj = {"controller.kubernetes.io/pod-deletion-cost": cost} if cost else {}
        return {
            "metadata": {"name": name, "annotations": notes},
            "spec": {"nodeName": "minikube"},
            "status": {"phase": phase, "conditions": conditions},
        }

    early, late = "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"
    pods = [
        one("dear", ready_at=late, cost="5"),
        one("old", ready_at=early),
        one("young", ready_at=late),
        one("sick"),
        one("pending", phase="Pending"),
    ]
    order = [name_of(each) for each in sorted(pods, key=removal_rank)]
    assert order == ["pending", "sick", "young", "old", "dear"]


async def test_only_pods_ready_long_enough_are_available(cluster: Plane) -> None:
    cluster.apply(replicaset(1, minReadySeconds=10_000_000))
    await cluster.settle()
    cluster.set_pod(cluster.pods()[0])
    await cluster.settle()
    assert number(now(cluster), "status.readyReplicas") == 1
    assert number(now(cluster), "status.availableReplicas") == 0
