"""The gateway answers for its host and for no other; each broken link has its reason."""

import pytest
from fakes import FakeCluster
from mesh_objects import Raw
from traffic import istio, once, pod, service, traffic_verdict

from app.checks.result import Finding
from app.clusters.objects import Json

HOST, SELECTOR = "myapp.example.com", {"istio": "ingressgateway"}


def gateway(
    hosts: Json = None, port: int = 80, space: str = "mesh-demo", selector: Json = None
) -> Raw:
    server: Raw = {"port": {"number": port, "protocol": "HTTP"}, "hosts": hosts or [HOST]}
    spec: Raw = {"selector": selector or dict(SELECTOR), "servers": [server]}
    return istio("Gateway", "mesh-gateway", spec, space)


def route(target: Raw | None = None, **spec: Json) -> Raw:
    to: Raw = {"destination": target or {"host": "frontend", "port": {"number": 80}}}
    whole: Raw = {"hosts": [HOST], "gateways": ["mesh-gateway"], "http": [{"route": [to]}]}
    return istio("VirtualService", "frontend-ingress", {**whole, **spec})


def mesh(*things: Raw, mine: str = once(200, "Welcome"), other: str = once(404)) -> FakeCluster:
    front = service("istio-ingressgateway", target=8080, space="istio-system")
    front["spec"]["selector"] = dict(SELECTOR)  # type: ignore[index,call-overload]
    entry = pod("ingress", "10.244.0.5", SELECTOR, space="istio-system")
    app = [service("frontend", target=80), pod("frontend", "10.244.0.6", {"app": "frontend"})]
    cluster = FakeCluster([front, entry, *app, *things])
    cluster.says(f"Host: {HOST}", mine)
    cluster.says("Host: other.example.com", other)
    return cluster


async def found(cluster: FakeCluster) -> Finding:
    params = {"namespace": "mesh-demo", "gateway": "mesh-gateway", "host": HOST, "body": "Welcome"}
    return await traffic_verdict("gateway", params, cluster)


async def test_a_gateway_as_asked_passes() -> None:
    cluster = mesh(gateway(), route())
    assert (await found(cluster)).passed
    address = "http://istio-ingressgateway.istio-system.svc.cluster.local:80/"
    assert all(address in line for line in cluster.asked)


async def test_a_gateway_may_be_named_with_its_namespace() -> None:
    assert (await found(mesh(gateway(), route(gateways=["mesh-demo/mesh-gateway"])))).passed


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        (mesh(route()), "no-gateway"),
        (mesh(gateway(space="default"), route()), "no-gateway"),
        (mesh(gateway(selector={"istio": "ingress"}), route()), "wrong-selector"),
        (mesh(gateway(selector={"app": "frontend"}), route()), "wrong-selector"),
        (mesh(gateway(["other.example.com"]), route()), "wrong-host"),
        (mesh(gateway(port=8080), route()), "wrong-port"),
        (mesh(gateway()), "no-virtualservice"),
        (mesh(gateway(), route(hosts=["other.example.com"])), "no-virtualservice"),
        (mesh(gateway(), route(gateways=[])), "not-bound"),
        (mesh(gateway(), route(gateways=["other"])), "not-bound"),
        (mesh(gateway(), route({"host": "fronted"})), "wrong-destination"),
        (
            mesh(gateway(), route({"host": "frontend", "port": {"number": 8080}})),
            "wrong-destination",
        ),
        (mesh(gateway(), route(), mine=once(200, "Backend")), "wrong-destination"),
        (mesh(gateway(), route(), mine=once(503)), "status"),
        (mesh(gateway(), route(), mine=once(0, code=7)), "status"),
        (mesh(gateway(["*"]), route(hosts=["*"]), other=once(200)), "answers-everyone"),
    ],
)
async def test_each_broken_link_has_its_reason(cluster: FakeCluster, reason: str) -> None:
    assert (await found(cluster)).reason == reason
