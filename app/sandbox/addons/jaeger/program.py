"""The program of Jaeger's pod."""

from app.sandbox.addons.jaeger.page import answer
from app.sandbox.addons.pages.answers import data, plain
from app.sandbox.addons.spans import otlp, zipkin
from app.sandbox.addons.spans.grpc import GrpcServer
from app.sandbox.addons.spans.kept import Spans
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.serve import Server, serve
from app.sandbox.shell.container import Container

QUERY, HEALTH, OTLP_GRPC, OTLP_HTTP, ZIPKIN = 16686, 13133, 4317, 4318, 9411


async def jaeger(container: Container) -> int:
    """Receive spans and show them until the container is stopped; they are gone then."""
    spans = Spans()

    def take_otlp(body: bytes) -> None:
        spans.add(otlp.spans(body))

    def over_http(request: Request) -> Response:
        if request.method != "POST" or request.path != "/v1/traces":
            return plain("404 page not found\n", 404)
        if "json" in request.header("content-type"):
            return plain("the stand-in reads OTLP as protobuf alone\n", 415)
        try:
            take_otlp(request.body)
        except ValueError as error:
            return plain(f"{error}\n", 400)
        return plain("", kind="application/x-protobuf")

    def over_zipkin(request: Request) -> Response:
        if request.method != "POST" or request.path != "/api/v2/spans":
            return plain("404 page not found\n", 404)
        try:
            spans.add(zipkin.spans(request.body))
        except ValueError as error:
            return plain(f"{error}\n", 400)
        return plain("", 202)

    handlers = {
        QUERY: lambda request: answer(spans, request),
        HEALTH: _health,
        OTLP_HTTP: over_http,
        ZIPKIN: over_zipkin,
    }
    grpc = GrpcServer(container.place.program(OTLP_GRPC), take_otlp)
    servers: list[Server] = []
    try:
        await grpc.start()
        for port, handler in handlers.items():
            servers.append(await serve(container.place.program(port), handler))
        container.log('{"level":"info","msg":"Everything is ready. Begin processing data."}')
        await container.stopping.wait()
    finally:
        for server in servers:
            await server.close()
        await grpc.close()
    return 0


def _health(request: Request) -> Response:
    if request.path != "/status":
        return plain("404 page not found\n", 404)
    return data({"healthy": True, "status": "StatusOK"})
