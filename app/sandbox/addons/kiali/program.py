"""The program of Kiali's pod."""

from app.sandbox.addons.kiali.page import answer
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import plain
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container, Program

PORT = 20001


def kiali(observatory: Observatory) -> Program:
    """Return the program of Kiali: the graph of what the observatory's numbers say."""

    async def run(container: Container) -> int:
        def handle(request: Request) -> Response:
            if request.method not in ("GET", "HEAD"):
                return plain("the stand-in only shows\n", 405)
            return answer(observatory, container.network.store, request)

        container.log("INF Server endpoint will start at [:20001/kiali]")
        return await run_server(container, [PORT], handle)

    return run
