"""The programs of Prometheus' pod."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from app.sandbox.addons.metrics.collector import Collector
from app.sandbox.addons.metrics.database import Database, Labels
from app.sandbox.addons.metrics.exposition import TYPE, exposition
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import arguments, moved, plain
from app.sandbox.addons.prometheus import page
from app.sandbox.addons.prometheus.api import PREFIX, Api, failure
from app.sandbox.addons.promql.evaluate import query
from app.sandbox.addons.promql.nodes import QueryError
from app.sandbox.programs.http import Handler, Request, Response
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container, Program

PORT, RELOADER_PORT = 9090, 8080
OWN = ("up", "scrape_duration_seconds", "prometheus_tsdb_head_series")


def prometheus(observatory: Observatory) -> Program:
    """Return the program of Prometheus: while it runs, the observatory has numbers."""

    async def run(container: Container) -> int:
        database = Database()
        collector = Collector(container.network, database)
        observatory.database, observatory.collector = database, collector
        container.log('level=INFO msg="Server is ready to receive web requests."')
        collecting = asyncio.create_task(collector.run(container.stopping))
        try:
            return await run_server(container, [PORT], handler(observatory))
        finally:
            collecting.cancel()
            await asyncio.gather(collecting, return_exceptions=True)
            if observatory.database is database:
                observatory.database = observatory.collector = None

    return run


async def reloader(container: Container) -> int:
    """Run what watches Prometheus' configuration: here it only says that it is well."""
    container.log('level=info msg="starting web server for metrics" listen=0.0.0.0:8080')
    return await run_server(container, [RELOADER_PORT], _well)


def _well(request: Request) -> Response:
    return plain("ok") if request.path == "/healthz" else plain("404 page not found\n", 404)


def handler(observatory: Observatory) -> Handler:
    """Return what answers at Prometheus' port."""
    api = Api(observatory)

    def answer(request: Request) -> Response | Awaitable[Response]:
        path = request.path
        if path.startswith(PREFIX):
            return api.answer(request)
        if path in ("/query", "/graph", "/targets"):
            return page.answer(observatory, request)
        simple: dict[str, Callable[[], Response]] = {
            "/": lambda: moved("/query"),
            "/-/ready": lambda: plain("Prometheus Server is Ready.\n"),
            "/-/healthy": lambda: plain("Prometheus Server is Healthy.\n"),
            "/-/reload": lambda: plain(""),
            "/metrics": lambda: _metrics(observatory, [*OWN], own=True),
            "/federate": lambda: _metrics(
                observatory, [value for key, value in arguments(request) if key == "match[]"]
            ),
        }
        found = simple.get(path)
        return found() if found else plain("404 page not found\n", 404)

    return answer


def _metrics(observatory: Observatory, queries: list[str], *, own: bool = False) -> Response:
    """Return the newest samples of some selectors as text."""
    database, now = observatory.database, time.time()
    found: dict[Labels, float] = {}
    try:
        for each in queries if database else ():
            assert database is not None
            value = query(database, each, now)
            if isinstance(value, list):
                found |= dict(value)
    except QueryError as error:
        return failure(error)
    if own:  # what the server says of itself alone
        found = {
            labels: value
            for labels, value in found.items()
            if dict(labels).get("job") == "prometheus"
        }
    named = [(labels, value) for labels, value in found.items() if "__name__" in dict(labels)]
    return plain(exposition(named, None if own else now), kind=TYPE)
