"""The program of Grafana's pod."""

from collections.abc import Awaitable

from app.sandbox.addons.grafana.dashboards import Dashboard, dashboards
from app.sandbox.addons.grafana.page import FRAME, listed, shown
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import arguments, data, html, moved, plain
from app.sandbox.addons.pages.frame import note
from app.sandbox.objects import Json
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container, Program

PORT = 3000
VERSION = "12.0.1"


def grafana(observatory: Observatory) -> Program:
    """Return the program of Grafana: the dashboards that are mounted, with real numbers."""

    async def run(container: Container) -> int:
        def answer(request: Request) -> Response | Awaitable[Response]:
            path = request.path
            if path == "/":
                return moved("/dashboards")
            if path == "/api/health":
                return data({"database": "ok", "version": VERSION})
            if path == "/dashboards":
                return html(listed(dashboards(container.files)))
            if path == "/api/search":
                found: list[Json] = [
                    {
                        "uid": each.uid,
                        "title": each.title,
                        "type": "dash-db",
                        "url": f"/d/{each.uid}",
                    }
                    for each in dashboards(container.files).values()
                ]
                return data(found)
            if path.startswith("/d/"):
                uid = path.removeprefix("/d/").partition("/")[0]
                return _dashboard(dashboards(container.files).get(uid), request)
            return plain("Not found\n", 404)

        async def _shown(dashboard: Dashboard, request: Request) -> Response:
            return html(await shown(observatory, dashboard, dict(arguments(request))))

        def _dashboard(found: Dashboard | None, request: Request) -> Response | Awaitable[Response]:
            if found is None:
                return html(
                    FRAME.page("No such dashboard", note("None of that name is mounted.")), 404
                )
            return _shown(found, request)

        container.log(
            'logger=http.server t=now level=info msg="HTTP Server Listen" address=[::]:3000'
        )
        return await run_server(container, [PORT], answer)

    return run
