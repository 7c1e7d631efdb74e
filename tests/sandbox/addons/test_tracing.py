"""Spans of real proxies: made where a Telemetry asks for them, received over gRPC."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import yaml
from sandbox.istiod.meshed import NS, App, Mesh, meshed

from app.sandbox.addons.spans import otlp, zipkin
from app.sandbox.addons.spans.grpc import GrpcServer
from app.sandbox.addons.spans.span import Span
from app.sandbox.istiod.install import PROVIDERS
from app.sandbox.istiod.installation.marks import NAMESPACE
from app.sandbox.objects import Json
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.serve import serve
from app.sandbox.store.kinds import Kind


class Traced:
    """A mesh whose proxies know a collector, a client and a service, and the spans that came."""

    def __init__(self, mesh: Mesh, client: App, web: App) -> None:
        self.mesh = mesh
        self.client = client
        self.web = web
        self.spans: list[Span] = []
        self.came = asyncio.Event()

    def hear(self, message: bytes) -> None:
        self.spans += otlp.spans(message)
        if len(self.spans) >= 2:
            self.came.set()

    async def trace_to(self, provider: str, **more: Json) -> None:
        entry: Json = {"providers": [{"name": provider}], **more}
        api = "telemetry.istio.io/v1"
        self.mesh.put(api, "Telemetry", "tracing", NS, spec={"tracing": [entry]})
        await self.mesh.settled()


def reachable(mesh: Mesh, name: str, port: dict[str, Json], ip: str) -> None:
    """Put a Service there, with one endpoint."""
    spec: Json = {"clusterIP": f"10.96.1.{len(name)}", "ports": [{**port}]}
    mesh.put("v1", "Service", name, NAMESPACE, spec=spec)
    labels: Json = {"kubernetes.io/service-name": name}
    meta: Json = {"name": f"{name}-1", "namespace": NAMESPACE, "labels": labels}
    kind = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice"}
    endpoint: Json = {"addresses": [ip], "conditions": {"ready": True}}
    mesh.store.create({**kind, "metadata": meta, "ports": [{**port}], "endpoints": [endpoint]})


@pytest.fixture
async def traced() -> AsyncIterator[Traced]:
    async with meshed() as mesh:
        mesh.store.kinds.add(Kind("Telemetry", "telemetries", "telemetry.istio.io"))
        settings = {"extensionProviders": [*PROVIDERS]}
        mesh.put("v1", "ConfigMap", "istio", NAMESPACE, data={"mesh": yaml.safe_dump(settings)})
        mesh.service("web", "http")
        client = await mesh.app("client", {"app": "client"})
        made = Traced(mesh, client, await mesh.app("web-1", {"app": "web", "version": "v1"}))
        place = mesh.network.join(NAMESPACE, "jaeger-1", "uid-jaeger", is_proxied=False)
        server = GrpcServer(place.program(4317), made.hear)
        await server.start()
        reachable(mesh, "jaeger-collector", {"name": "grpc-otel", "port": 4317}, place.ip)
        try:
            yield made
        finally:
            await server.close()


async def test_without_a_telemetry_no_request_is_traced(traced: Traced) -> None:
    await traced.mesh.settled()
    assert (await traced.mesh.ask(traced.client.place, "web")).status == 200
    assert "traceparent" not in traced.web.heard[-1]


async def test_both_proxies_of_a_request_send_a_span_of_one_trace(traced: Traced) -> None:
    await traced.trace_to("jaeger", randomSamplingPercentage=100)
    await traced.mesh.ask(traced.client.place, "web", "/hello")
    async with asyncio.timeout(15):
        await traced.came.wait()
    number = traced.web.heard[-1]["traceparent"].split("-")[1]
    mine = [span for span in traced.spans if span.trace == number]
    assert sorted((span.service, span.kind) for span in mine) == [
        (f"client.{NS}", "client"),
        (f"web.{NS}", "server"),
    ]
    sent, got = sorted(mine, key=lambda span: span.kind)
    assert (got.parent, sent.parent) == (sent.id, "")
    assert got.tags["http.status_code"] == "200"
    assert got.tags["istio.namespace"] == NS
    assert got.duration_s > 0


async def test_a_zipkin_gets_spans_too(traced: Traced) -> None:
    mesh = traced.mesh
    service = f"zipkin.{NAMESPACE}.svc.cluster.local"
    zipkins: Json = [{"name": "zipkin", "zipkin": {"service": service, "port": 9411}}]
    settings = yaml.safe_dump({"extensionProviders": zipkins})
    mesh.put("v1", "ConfigMap", "istio", NAMESPACE, data={"mesh": settings})
    place = mesh.network.places.of("uid-jaeger")
    assert place is not None

    def hear(request: Request) -> Response:
        traced.spans += zipkin.spans(request.body)
        traced.came.set()
        return Response(202)

    server = await serve(place.program(9411), hear)
    try:
        reachable(mesh, "zipkin", {"name": "http-query", "port": 9411}, place.ip)
        await traced.trace_to("zipkin", randomSamplingPercentage=100)
        await mesh.ask(traced.client.place, "web")
        async with asyncio.timeout(15):
            await traced.came.wait()
        assert traced.spans[0].trace == traced.web.heard[-1]["x-b3-traceid"]
    finally:
        await server.close()


async def test_a_misspelt_provider_makes_no_trace(traced: Traced) -> None:
    await traced.trace_to("jeager", randomSamplingPercentage=100)
    await traced.mesh.ask(traced.client.place, "web")
    assert "traceparent" not in traced.web.heard[-1]


async def test_a_provider_whose_service_is_not_there_makes_no_trace(traced: Traced) -> None:
    await traced.trace_to("otel-tracing", randomSamplingPercentage=100)
    await traced.mesh.ask(traced.client.place, "web")
    assert "traceparent" not in traced.web.heard[-1]


async def test_a_share_of_nothing_is_marked_as_not_sampled(traced: Traced) -> None:
    await traced.trace_to("jaeger", randomSamplingPercentage=0)
    await traced.mesh.ask(traced.client.place, "web")
    assert traced.web.heard[-1].get("traceparent", "00-0-0-00").endswith("-00")
