"""Endpoints and EndpointSlices: who stands behind a Service."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, container, plane, pod, service

from app.sandbox.objects import Obj, items, labels_of, name_of, number, table, text

SLICES = "endpointslices.discovery.k8s.io"


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def slices(cluster: Plane) -> list[Obj]:
    found = cluster.store.list(SLICES, "default")
    return [one for one in found if labels_of(one)["kubernetes.io/service-name"] == "web"]


async def run(cluster: Plane, name: str, *, ready: bool = True) -> None:
    ports = [{"name": "http", "containerPort": 8080}]
    made = cluster.apply({**pod(name, containers=[container(ports=[*ports])])})
    cluster.set_pod(made, ready=ready)
    await cluster.settle()


async def test_a_service_without_pods_has_a_slice_without_endpoints(cluster: Plane) -> None:
    cluster.apply(service())
    await cluster.settle()
    (one,) = slices(cluster)
    assert (one["endpoints"], one["ports"], one["addressType"]) == (None, None, "IPv4")
    assert name_of(one).startswith("web-")
    managed = labels_of(one)["endpointslice.kubernetes.io/managed-by"]
    assert managed == "endpointslice-controller.k8s.io"


async def test_conditions_follow_the_pods(cluster: Plane) -> None:
    cluster.apply(service())
    await run(cluster, "ready")
    await run(cluster, "sick", ready=False)
    (one,) = slices(cluster)
    told = {text(e, "targetRef.name"): e["conditions"] for e in items(one, "endpoints")}
    assert told == {
        "ready": {"ready": True, "serving": True, "terminating": False},
        "sick": {"ready": False, "serving": False, "terminating": False},
    }
    cluster.delete("pods", "ready")
    await cluster.settle()
    (one,) = slices(cluster)
    told = {text(e, "targetRef.name"): e["conditions"] for e in items(one, "endpoints")}
    assert told["ready"] == {"ready": False, "serving": True, "terminating": True}
    cluster.remove_ending()
    await cluster.settle()
    assert [text(e, "targetRef.name") for e in items(slices(cluster)[0], "endpoints")] == ["sick"]


async def test_a_named_port_is_looked_up_in_each_pod(cluster: Plane) -> None:
    cluster.apply(service(ports=[{"name": "http", "port": 80, "targetPort": "http"}]))
    await run(cluster, "web-1")
    assert slices(cluster)[0]["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    other = pod("web-2", containers=[container(ports=[{"name": "http", "containerPort": 9090}])])
    cluster.set_pod(cluster.apply(other))
    await cluster.settle()
    ports = sorted(number(one, "ports.0.port") for one in slices(cluster))
    assert ports == [8080, 9090]


async def test_the_older_endpoints_object_says_the_same(cluster: Plane) -> None:
    cluster.apply(service())
    await run(cluster, "ready")
    await run(cluster, "sick", ready=False)
    found = cluster.store.get("endpoints", "web", "default")
    (subset,) = items(found, "subsets")
    assert [text(one, "targetRef.name") for one in items(subset, "addresses")] == ["ready"]
    assert [text(one, "targetRef.name") for one in items(subset, "notReadyAddresses")] == ["sick"]
    assert subset["ports"] == [{"name": "http", "port": 80, "protocol": "TCP"}]


async def test_a_changed_selector_changes_who_is_behind(cluster: Plane) -> None:
    made = cluster.apply(service())
    await run(cluster, "web-1")
    spec: Obj = {**table(made, "spec"), "selector": {"app": "other"}}
    cluster.apply({**made, "spec": spec})
    await cluster.settle()
    assert slices(cluster)[0]["endpoints"] is None


async def test_deleting_the_service_takes_its_endpoints_along(cluster: Plane) -> None:
    cluster.apply(service())
    await run(cluster, "web-1")
    cluster.delete("services", "web")
    await cluster.settle()
    assert slices(cluster) == []
    assert cluster.store.get("endpoints", "web", "default") is None


async def test_a_slice_that_is_deleted_comes_back(cluster: Plane) -> None:
    cluster.apply(service())
    await run(cluster, "web-1")
    cluster.delete(SLICES, name_of(slices(cluster)[0]))
    await cluster.settle()
    assert len(items(slices(cluster)[0], "endpoints")) == 1
