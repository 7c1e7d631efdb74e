"""Owners and what they own: background, foreground, orphans."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, deployment, plane

from app.sandbox.objects import Json, Obj, is_ending, items, name_of, text, words


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def config(name: str, *owners: Obj) -> Obj:
    references: list[Json] = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": name_of(owner),
            "uid": text(owner, "metadata.uid"),
        }
        for owner in owners
    ]
    meta: Obj = {"name": name, "namespace": "default", "ownerReferences": references}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}


def names(cluster: Plane) -> list[str]:
    return [name for name in cluster.names("configmaps") if name != "kube-root-ca.crt"]


async def test_in_the_background_the_owner_goes_first(cluster: Plane) -> None:
    cluster.apply(deployment())
    await cluster.settle()
    cluster.delete("deployments.apps", "web")
    assert cluster.names("deployments.apps") == []
    assert len(cluster.names("replicasets.apps")) == 1
    await cluster.settle()
    assert cluster.names("replicasets.apps") == []


async def test_in_the_foreground_the_owner_waits_for_its_pods(cluster: Plane) -> None:
    cluster.apply(deployment())
    await cluster.settle()
    for pod in cluster.pods():
        cluster.set_pod(pod)
    await cluster.settle()
    cluster.delete("deployments.apps", "web", "Foreground")
    await cluster.settle()
    found = cluster.store.get("deployments.apps", "web", "default")
    assert is_ending(found)
    assert words(found, "metadata.finalizers") == ["foregroundDeletion"]
    assert all(is_ending(pod) for pod in cluster.pods())
    cluster.remove_ending()
    await cluster.settle()
    assert cluster.names("deployments.apps") == []
    assert cluster.names("replicasets.apps") == []


async def test_orphans_stay_and_are_adopted_by_who_comes_next(cluster: Plane) -> None:
    cluster.apply(deployment())
    await cluster.settle()
    pods = [name_of(pod) for pod in cluster.pods()]
    cluster.delete("deployments.apps", "web", "Orphan")
    await cluster.settle()
    assert cluster.names("deployments.apps") == []
    (left,) = cluster.store.list("replicasets.apps", "default")
    assert items(left, "metadata.ownerReferences") == []
    assert [name_of(pod) for pod in cluster.pods()] == pods
    cluster.apply(deployment())
    await cluster.settle()
    assert [name_of(pod) for pod in cluster.pods()] == pods


async def test_one_of_two_owners_is_enough(cluster: Plane) -> None:
    first, second = cluster.apply(config("a")), cluster.apply(config("b"))
    cluster.apply(config("owned", first, second))
    cluster.delete("configmaps", "a")
    await cluster.settle()
    owned = cluster.store.get("configmaps", "owned", "default")
    assert [one["name"] for one in items(owned, "metadata.ownerReferences")] == ["b"]
    cluster.delete("configmaps", "b")
    await cluster.settle()
    assert names(cluster) == []


async def test_what_names_an_owner_that_is_not_there_goes(cluster: Plane) -> None:
    gone = cluster.apply(config("a"))
    cluster.delete("configmaps", "a")
    cluster.apply(config("owned", gone))
    await cluster.settle()
    assert names(cluster) == []


async def test_a_chain_of_owners_goes_whole(cluster: Plane) -> None:
    made = cluster.apply(config("a"))
    for name in "bcdef":
        made = cluster.apply(config(name, made))
    cluster.delete("configmaps", "a")
    await cluster.settle()
    assert names(cluster) == []
