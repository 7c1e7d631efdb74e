"""When a cluster rests: pods that become ready are waited for, hopeless ones are not."""

import asyncio

import pytest
from fakes import FakeCluster
from mesh_objects import namespace, pod

from app.clusters.objects import Object
from app.grading.settled import until_settled


def deployment(generation: int, observed: int, wanted: int, updated: int) -> dict[str, object]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "backend", "namespace": "mesh-demo", "generation": generation},
        "spec": {"replicas": wanted},
        "status": {"observedGeneration": observed, "updatedReplicas": updated},
    }


def waiting(word: str) -> Object:
    raw = {
        "kind": "Pod",
        "metadata": {"name": "stuck", "namespace": "mesh-demo"},
        "spec": {"containers": [{"name": "app"}]},
        "status": {
            "phase": "Pending",
            "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": word}}}],
        },
    }
    return Object(raw)  # type: ignore[arg-type]


async def is_settled(cluster: FakeCluster) -> bool:
    """Return whether it rests now: what is waited for goes beyond a moment's patience."""
    looking = asyncio.create_task(until_settled(cluster, ["mesh-demo"], rest_s=3600))
    await asyncio.wait([looking], timeout=0.05)
    if looking.done():
        return True
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    return False


@pytest.mark.parametrize(
    ("found", "rests"),
    [
        ([], True),
        ([namespace("mesh-demo"), pod("backend-1")], True),
        ([waiting("ContainerCreating")], False),
        ([waiting("ImagePullBackOff")], True),
        ([waiting("CrashLoopBackOff")], True),
        ([deployment(2, 1, 1, 1)], False),
        ([deployment(2, 2, 2, 1)], False),
        ([deployment(2, 2, 2, 2)], True),
        ([deployment(1, 1, 0, 0)], True),
    ],
)
async def test_whether_a_cluster_rests(found: list[Object], rests: bool) -> None:
    assert await is_settled(FakeCluster(found)) is rests


async def test_what_comes_to_rest_ends_the_wait_and_time_does_too() -> None:
    cluster = FakeCluster([waiting("ContainerCreating")])
    looking = asyncio.create_task(until_settled(cluster, ["mesh-demo"], rest_s=3600))
    await asyncio.wait([looking], timeout=0.05)
    assert not looking.done()
    cluster.put(waiting("ErrImagePull"))
    assert await looking is True
    stuck = FakeCluster([waiting("ContainerCreating")])
    assert await until_settled(stuck, ["mesh-demo"], rest_s=0) is False
