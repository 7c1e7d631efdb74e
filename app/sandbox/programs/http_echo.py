"""hashicorp/http-echo: answers every request with one text.

Source: https://github.com/hashicorp/http-echo (flags, port, headers, exit codes)
"""

import time

from app.sandbox.programs.golang import (
    PLAIN,
    BadFlag,
    answer,
    log_time,
    port_of,
    pretty,
    read_flags,
    usage,
)
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container

VERSION = "1.0.0"
_FLAGS = {"listen": ":5678", "text": "", "status-code": "200", "version": "false"}
_NO_TEXT = 127


async def http_echo(container: Container) -> int:
    """Return the exit code of http-echo."""
    path, *words = container.argv
    try:
        flags, rest = read_flags(words, _FLAGS)
        status = int(flags["status-code"])
    except (BadFlag, ValueError) as error:
        for line in (str(error), *usage(path, _FLAGS)):
            container.log(line)
        return 2
    if flags["version"] == "true":
        container.log(f"http-echo v{VERSION}")
        return 0
    text = flags["text"] or container.env.get("ECHO_TEXT", "")
    if not text or rest:
        container.log("Too many arguments!" if rest else "Missing -text option!")
        return _NO_TEXT
    port = port_of(flags["listen"])
    if port is None:
        container.log(f"{log_time()} [ERR] server exited with: listen tcp: {flags['listen']}")
        return _NO_TEXT
    echo = _Echo(container, f"{text}\n".encode(), status)
    container.log(f"{log_time()} [INFO] server is listening on {flags['listen']}")
    try:
        code = await run_server(container, [port], echo)
    except OSError:
        taken = f"listen tcp {flags['listen']}: bind: address already in use"
        container.log(f"{log_time()} [ERR] server exited with: {taken}")
        return _NO_TEXT
    container.log(f"{log_time()} [INFO] received interrupt, shutting down...")
    return code


class _Echo:
    def __init__(self, container: Container, body: bytes, status: int) -> None:
        self._container = container
        self._body = body
        self._status = status

    def __call__(self, request: Request) -> Response:
        if request.path == "/health":
            return answer(200, pretty({"status": "ok"}).strip(), kind=PLAIN)
        caller = self._container.network.caller(self._container.place, request.peer)
        began = time.perf_counter()
        own = {"X-App-Name": "http-echo", "X-App-Version": VERSION}
        response = answer(self._status, self._body, own, PLAIN)
        took = (time.perf_counter() - began) * 1e6
        self._container.log(
            f"{log_time()} {request.header('host')} {caller}:0"
            f' "{request.method} {request.path} {request.version}" {self._status}'
            f' {len(self._body)} "{request.header("user-agent")}" {took:.3f}µs'
        )
        return response
