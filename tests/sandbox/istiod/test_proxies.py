"""A look at the mesh makes anew only what has changed since the last one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from app.sandbox.istiod.envoy.proxies import Proxy, Translator
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import Endpoint, Port, Service
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj
from app.sandbox.proxy.discovery import Resource
from app.sandbox.proxy.protobuf import packed

WEB = Endpoint("10.244.0.3", 80, "demo", "web-1", {"version": "v1"}, "web", "web;demo;web;v1;K")
SERVICE = Service(
    "web", "demo", "web.demo.svc.cluster.local", "10.96.0.5", (Port(80, "http", "http", 80),),
    {"app": "web"}, "", endpoints={"http": (WEB,)},
)  # fmt: skip
MESH = Mesh([SERVICE], [], [], [], [], [], lambda ip, port: f"/{ip}/i{port}")
Found = Mapping[str, list[Resource]]


class Looking:
    """A translator and one sidecar."""

    def __init__(self) -> None:
        self.translator = Translator()
        spec: Obj = {"containers": [{"ports": [{"containerPort": 80}]}]}
        meta: Obj = {"name": "web-1", "namespace": "demo", "uid": "u", "labels": {"app": "web"}}
        place = Place("demo", "web-1", "u", "10.244.0.3", Path("/x/3"), is_proxied=True)
        self.proxy = Proxy({"metadata": meta, "spec": spec}, place, is_gateway=False)

    def at(self, mesh: Mesh) -> Found:
        self.translator.look(mesh)
        return self.translator.resources(self.proxy)


@pytest.fixture
def looking() -> Looking:
    return Looking()


def test_a_look_at_the_same_makes_nothing_anew(looking: Looking) -> None:
    before, after = looking.at(MESH), looking.at(replace(MESH))
    assert _changed(before, after) == {}


def test_a_route_changes_routes_alone(looking: Looking) -> None:
    before = looking.at(MESH)
    to = {"route": [{"destination": {"host": "web", "subset": "v1"}}]}
    source = _object({"hosts": ["web"], "http": [to]})
    assert _changed(before, looking.at(_with(virtual_services=[source]))) == {"RDS": ["80"]}


def test_a_subset_adds_a_cluster_and_its_endpoints(looking: Looking) -> None:
    before = looking.at(MESH)
    subset: Obj = {"name": "v1", "labels": {"version": "v1"}}
    after = looking.at(_with(destination_rules=[_object({"host": "web", "subsets": [subset]})]))
    name = "outbound|80|v1|web.demo.svc.cluster.local"
    changed = _changed(before, after)
    assert name in changed["CDS"]
    assert changed["EDS"] == [name]


def test_a_consistent_hash_changes_the_routes(looking: Looking) -> None:
    before = looking.at(MESH)
    policy: Obj = {"loadBalancer": {"consistentHash": {"httpHeaderName": "x-user"}}}
    after = looking.at(_with(destination_rules=[_object({"host": "web", "trafficPolicy": policy})]))
    assert _changed(before, after)["RDS"] == ["80"]


def test_an_endpoint_changes_endpoints_alone(looking: Looking) -> None:
    before = looking.at(MESH)
    second = replace(WEB, ip="10.244.0.4", pod="web-2")
    service = replace(SERVICE, endpoints={"http": (WEB, second)})
    after = looking.at(_with(services=[service]))
    assert _changed(before, after) == {"EDS": ["outbound|80||web.demo.svc.cluster.local"]}


def test_a_policy_changes_the_inbound_listeners(looking: Looking) -> None:
    before = looking.at(MESH)
    after = looking.at(_with(peer_authentications=[_object({"mtls": {"mode": "STRICT"}})]))
    assert _changed(before, after) == {"LDS": ["virtualInbound|0", "virtualInbound|80"]}


def test_everything_that_is_made_can_be_encoded(looking: Looking) -> None:
    for resources in looking.at(MESH).values():
        for resource in resources:
            assert resource.encoded == packed(resource.body)


def _with(**fields: object) -> Mesh:
    return replace(MESH, **fields)  # type: ignore[arg-type]


def _object(spec: Obj) -> Obj:
    return {"metadata": {"name": "x", "namespace": "demo"}, "spec": spec}


def _changed(before: Found, after: Found) -> dict[str, list[str]]:
    """The names of what is new or another object than before, by type."""
    found = {}
    for kind, resources in after.items():
        old = {resource.name: resource for resource in before[kind]}
        names = [each.name for each in resources if old.get(each.name) is not each]
        if names:
            found[kind] = names
    return found
