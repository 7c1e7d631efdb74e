"""Programs of Istio's samples: helloworld, and the server of fortio.

Source: https://github.com/istio/istio/tree/master/samples/helloworld (paths, texts of answers)
"""

from app.sandbox.programs.commands import command
from app.sandbox.programs.http import Headers, Request, Response, http_date
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container

PORT, FORTIO_PORT = 5000, 8080


async def helloworld(container: Container) -> int:
    """Serve the sample that says its version and its pod."""
    version = container.env.get("SERVICE_VERSION", "None")
    name = container.env.get("HOSTNAME", container.place.pod)
    pages = {
        "/hello": (200, f"Hello version: {version}, instance: {name}\n"),
        "/health": (200, "Helloworld is healthy"),
    }

    def answer(request: Request) -> Response:
        status, text = pages.get(request.path, (404, _NOTHING))
        if status == 200 and request.method not in ("GET", "HEAD"):
            status, text = 405, _NOT_ALLOWED
        headers: Headers = [
            ("Server", "gunicorn"),
            ("Date", http_date()),
            ("Connection", "keep-alive"),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(text.encode()))),
        ]
        return Response(status, headers, text.encode())

    container.log(f"Listening at: http://0.0.0.0:{PORT}")
    try:
        return await run_server(container, [PORT], answer)
    except OSError:
        container.log(f"Connection in use: ('0.0.0.0', {PORT})")
        return 1


async def fortio(container: Container) -> int:
    """Run fortio: its server, which echoes what it is sent, or one of its other verbs."""
    if container.argv[1:2] != ["server"]:
        return await command(container)

    def echo(request: Request) -> Response:
        headers: Headers = [("Date", http_date()), ("Content-Type", "text/plain; charset=UTF-8")]
        return Response(200, headers, request.body)

    container.log(f"fortio server listening on tcp [::]:{FORTIO_PORT}")
    try:
        return await run_server(container, [FORTIO_PORT], echo)
    except OSError:
        container.log(f"listen tcp :{FORTIO_PORT}: bind: address already in use")
        return 1


_NOTHING = "<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
_NOT_ALLOWED = "<!doctype html>\n<title>405 Method Not Allowed</title>\n<h1>Not Allowed</h1>\n"
