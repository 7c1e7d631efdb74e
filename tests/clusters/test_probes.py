"""The probes: made where missing, made anew where they no longer fit, explained where not."""

from typing import cast

import pytest
from fakes import BrokenCluster, FakeCluster, ForbiddenCluster

from app.clusters.objects import Json, Object
from app.clusters.probes import IMAGE, INSIDE_NAMESPACE, NAMESPACES, OUTSIDE_NAMESPACE, ProbePods
from app.errors import ClusterUnavailable, NotAllowed, Unavailable

OLD = "2026-01-01T00:00:00Z"
MESH = "2026-02-01T00:00:00Z"
NEW = "2026-03-01T00:00:00Z"


def istio(created: str = MESH) -> list[dict[str, Json]]:
    return [
        {
            "kind": "Deployment",
            "metadata": {
                "name": "istiod",
                "namespace": "istio-system",
                "creationTimestamp": created,
            },
        },
        {
            "kind": "MutatingWebhookConfiguration",
            "metadata": {
                "name": "istio-sidecar-injector",
                "labels": {"app": "sidecar-injector"},
                "creationTimestamp": created,
            },
        },
    ]


def started(raw: dict[str, Json], *, injected: bool = True, waiting: str = "") -> dict[str, Json]:
    """What a kubelet and an injector make of a Pod that is written."""
    found = Object(raw)
    if found.kind != "Pod":
        return raw
    containers = [dict(c.raw) for c in found.parts("spec.containers")]
    if injected and found.namespace == INSIDE_NAMESPACE:
        containers.insert(0, {"name": "istio-proxy", "image": "proxyv2"})
    state: Json = {"waiting": {"reason": waiting}} if waiting else {"running": {}}
    statuses: list[Json] = [
        {"name": c["name"], "ready": not waiting, "state": state} for c in containers
    ]
    metadata = cast("dict[str, Json]", raw["metadata"])
    return {
        **raw,
        "metadata": {**metadata, "creationTimestamp": NEW, "uid": "new"},
        "spec": {"containers": cast("Json", containers)},
        "status": {"phase": "Running", "containerStatuses": statuses},
    }


def unable(waiting: str) -> FakeCluster:
    return FakeCluster(on_create=lambda raw: started(raw, waiting=waiting))


async def test_both_are_made_where_there_is_a_mesh() -> None:
    cluster = FakeCluster(istio(), on_create=started)
    probes = await ProbePods(cluster).ensure()
    assert probes.inside is not None
    assert probes.inside.namespace == INSIDE_NAMESPACE
    assert probes.outside.namespace == OUTSIDE_NAMESPACE
    inside = await cluster.get("Namespace", INSIDE_NAMESPACE)
    outside = await cluster.get("Namespace", OUTSIDE_NAMESPACE)
    assert inside is not None
    assert inside.labels["istio-injection"] == "enabled"
    assert outside is not None
    assert outside.labels["istio-injection"] == "disabled"
    assert outside.labels["app.kubernetes.io/managed-by"] == "mesh-dojo"


async def test_without_a_mesh_there_is_only_the_one_outside() -> None:
    cluster = FakeCluster(on_create=started)
    probes = await ProbePods(cluster).ensure()
    assert probes.inside is None
    assert await cluster.get("Namespace", INSIDE_NAMESPACE) is None


async def test_probes_that_fit_are_kept() -> None:
    cluster = FakeCluster(istio(), on_create=started)
    pods = ProbePods(cluster)
    await pods.ensure()
    kept = await cluster.get("Pod", "probe", INSIDE_NAMESPACE)
    await pods.ensure()
    assert await cluster.get("Pod", "probe", INSIDE_NAMESPACE) is kept


@pytest.mark.parametrize("containers", [[{"name": "curl", "image": IMAGE}], []])
async def test_one_without_sidecar_or_of_another_image_is_made_anew(containers: Json) -> None:
    cluster = FakeCluster(istio(), on_create=started)
    stale: dict[str, Json] = {
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": INSIDE_NAMESPACE, "creationTimestamp": NEW},
        "spec": {"containers": containers},
        "status": {"phase": "Running"},
    }
    cluster.put(stale)
    await ProbePods(cluster).ensure()
    pod = await cluster.get("Pod", "probe", INSIDE_NAMESPACE)
    assert pod is not None
    assert pod.uid == "new"


async def test_one_from_before_istio_was_installed_anew_is_made_anew() -> None:
    cluster = FakeCluster(istio(OLD), on_create=started)
    pods = ProbePods(cluster)
    await pods.ensure()
    before = await cluster.get("Pod", "probe", INSIDE_NAMESPACE)
    for found in istio("2026-04-01T00:00:00Z"):
        cluster.put(found)
    await pods.ensure()
    assert await cluster.get("Pod", "probe", INSIDE_NAMESPACE) is not before


async def test_an_image_that_cannot_be_pulled_is_said_with_what_the_cluster_said() -> None:
    cluster = unable("ImagePullBackOff")
    cluster.put(
        {
            "kind": "Event",
            "type": "Warning",
            "message": "no route to registry",
            "metadata": {"name": "e", "namespace": OUTSIDE_NAMESPACE},
        }
    )
    with pytest.raises(Unavailable, match=r"cannot be pulled \(ImagePullBackOff\)"):
        await ProbePods(cluster).ensure()


async def test_one_that_does_not_become_ready_in_time_says_what_it_is() -> None:
    with pytest.raises(Unavailable, match="it is ContainerCreating") as caught:
        await ProbePods(unable("ContainerCreating"), ready_s=0.05).ensure()
    assert caught.value.hint == f"kubectl describe pod probe -n {OUTSIDE_NAMESPACE}"


async def test_a_mesh_that_does_not_inject_is_said() -> None:
    cluster = FakeCluster(istio(), on_create=lambda raw: started(raw, injected=False))
    with pytest.raises(Unavailable, match="got no sidecar"):
        await ProbePods(cluster).ensure()


async def test_sweeping_leaves_nothing() -> None:
    cluster = FakeCluster(istio(), on_create=started)
    pods = ProbePods(cluster)
    await pods.ensure()
    assert await pods.are_there()
    await pods.sweep()
    assert not await pods.are_there()
    assert not [pod for pod in await cluster.list("Pod") if pod.namespace in NAMESPACES]


async def test_sweeping_where_nothing_is_does_nothing() -> None:
    await ProbePods(FakeCluster()).sweep()


async def test_a_cluster_out_of_reach_and_one_that_refuses_are_told_apart() -> None:
    with pytest.raises(ClusterUnavailable):
        await ProbePods(BrokenCluster()).ensure()
    with pytest.raises(NotAllowed):
        await ProbePods(ForbiddenCluster()).ensure()
