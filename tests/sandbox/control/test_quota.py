"""ResourceQuotas: what is counted, and what is refused."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, deployment, plane, pod

from app.sandbox.objects import Json, Obj, table
from app.sandbox.status import StatusError


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def quota(**hard: Json) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "tight", "namespace": "default"},
        "spec": {"hard": {name.replace("_", "."): value for name, value in hard.items()}},
    }


def config(name: str) -> Obj:
    meta: Obj = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}


async def test_what_is_used_is_told(cluster: Plane) -> None:
    cluster.apply(quota(configmaps="3", pods="4"))
    cluster.apply(pod("web"))
    await cluster.settle()
    found = cluster.store.get("resourcequotas", "tight", "default")
    assert table(found, "status") == {
        "hard": {"configmaps": "3", "pods": "4"},
        "used": {"configmaps": "1", "pods": "1"},
    }


async def test_more_than_there_may_be_is_refused_in_the_servers_words(cluster: Plane) -> None:
    cluster.apply(quota(configmaps="2"))
    cluster.apply(config("one"))
    with pytest.raises(StatusError) as refused:
        cluster.apply(config("two"))
    assert refused.value.message == (
        'configmaps "two" is forbidden: exceeded quota: tight, '
        "requested: configmaps=1, used: configmaps=2, limited: configmaps=2"
    )


async def test_pods_say_what_they_want_and_get_no_more(cluster: Plane) -> None:
    cluster.apply(quota(requests_memory="100Mi"))
    with pytest.raises(StatusError, match=r"tight: must specify requests\.memory for: web"):
        cluster.apply(pod("shy"))
    asks: Obj = {"requests": {"memory": "64Mi"}}
    cluster.apply(pod("first", containers=[container(resources=asks)]))
    with pytest.raises(StatusError, match=r"requested: requests\.memory=64Mi, used: requests"):
        cluster.apply(pod("second", containers=[container(resources=asks)]))


async def test_a_replicaset_says_why_it_makes_no_more_pods(cluster: Plane) -> None:
    cluster.apply(quota(pods="1"))
    cluster.apply(deployment(2))
    await cluster.until(lambda: cluster.told("FailedCreate"))
    assert len(cluster.pods()) == 1
    assert "exceeded quota: tight, requested: pods=1" in cluster.told("FailedCreate")[0]
