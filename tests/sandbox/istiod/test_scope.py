"""What a proxy sees: Sidecars narrow it, ServiceEntries widen it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sandbox.istiod.meshed import NETWORKING, Mesh, meshed

from app.sandbox.istiod.mesh import Mesh as Look
from app.sandbox.istiod.scope import sidecar_of
from app.sandbox.objects import Json, Obj

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mesh() -> AsyncIterator[Mesh]:
    async with meshed() as made:
        yield made


async def test_a_sidecar_hides_services_that_it_does_not_name(mesh: Mesh) -> None:
    mesh.service("web", "http")
    mesh.service("other", "http")
    client = await mesh.app("client", {"app": "client"})
    await mesh.app("web-1", {"app": "web"})
    await mesh.app("other-1", {"app": "other"})
    spec: Obj = {
        "egress": [{"hosts": ["./web.demo.svc.cluster.local"]}],
        "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
    }
    mesh.put(f"{NETWORKING}/v1", "Sidecar", "default", spec=spec)
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).body == "web-1"
    assert (await mesh.ask(client.place, "other")).status == 502


async def test_a_service_entry_leads_to_listed_addresses_of_the_sandbox(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    outside = await mesh.app("outside", {"app": "outside"}, is_proxied=False)
    ports: Json = [{"number": 80, "name": "http", "protocol": "HTTP", "targetPort": 5678}]
    spec: Obj = {
        "hosts": ["api.example"],
        "addresses": ["240.0.0.9"],
        "ports": ports,
        "resolution": "STATIC",
        "endpoints": [{"address": outside.place.ip}],
    }
    mesh.put(f"{NETWORKING}/v1", "ServiceEntry", "api", spec=spec)
    mesh.put("v1", "ConfigMap", "istio", "istio-system",
             data={"mesh": "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"})  # fmt: skip
    await mesh.settled()
    answer = await mesh.ask(client.place, "240.0.0.9", name="api.example")
    assert (answer.status, answer.body) == (200, "outside")
    with pytest.raises((OSError, asyncio.IncompleteReadError)):
        await mesh.ask(client.place, outside.place.ip, port=5678)


def test_a_workloads_own_sidecar_counts_before_its_namespaces() -> None:
    own: Obj = {"metadata": {"name": "own", "namespace": "demo"},
                "spec": {"workloadSelector": {"labels": {"app": "a"}}}}  # fmt: skip
    general: Obj = {"metadata": {"name": "general", "namespace": "demo"}, "spec": {}}
    root: Obj = {"metadata": {"name": "root", "namespace": "istio-system"}, "spec": {}}
    look = Look([], [], [], [], [], [], lambda ip, port: "", sidecars=[own, general, root])
    assert sidecar_of(look, "demo", {"app": "a"}) is own
    assert sidecar_of(look, "demo", {"app": "b"}) is general
    assert sidecar_of(look, "elsewhere", {"app": "a"}) is root
