"""go-httpbin itself: its table of paths, its log, its flags."""

import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from urllib.parse import unquote

from app.sandbox.programs.golang import (
    PLAIN,
    BadFlag,
    answer,
    parse_int,
    parse_seconds,
    read_flags,
    usage,
)
from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.httpbin import data, echo, outcomes
from app.sandbox.programs.httpbin.asked import Answered, Asked, Bad, Limits, Route, cors, error
from app.sandbox.programs.running import run_server
from app.sandbox.shell.container import Container

_ANY = ""
_METHODS = "GET, POST, HEAD, PUT, DELETE, PATCH, QUERY, OPTIONS"
_FLAGS = {
    "host": "0.0.0.0",
    "port": "8080",
    "max-body-size": "1048576",
    "max-duration": "10s",
    "log-format": "text",
    "log-level": "INFO",
    "use-real-hostname": "false",
}
# A path's words: "*" stands for any one; the last entry of a key is the method, "" for all.
_ROUTES: dict[str, tuple[str, Route]] = {
    "/": ("GET", data.index),
    "/absolute-redirect/*": (_ANY, outcomes.absolute_redirect),
    "/anything": (_ANY, echo.anything),
    "/base64/*": (_ANY, data.base_64),
    "/base64/*/*": (_ANY, data.base_64),
    "/basic-auth/*/*": (_ANY, outcomes.basic_auth),
    "/bearer": (_ANY, outcomes.bearer),
    "/bytes/*": (_ANY, data.make_bytes),
    "/cache": (_ANY, data.cache),
    "/cache/*": (_ANY, data.cache_control),
    "/cookies": (_ANY, echo.cookies),
    "/cookies/delete": (_ANY, echo.delete_cookies),
    "/cookies/set": (_ANY, echo.set_cookies),
    "/deflate": (_ANY, data.deflate),
    "/delay/*": (_ANY, outcomes.delay),
    "/delete": ("DELETE", echo.with_body),
    "/deny": (_ANY, data.deny),
    "/drip": (_ANY, data.drip),
    "/env": (_ANY, data.env),
    "/get": ("GET", echo.get),
    "/gzip": (_ANY, data.gzip),
    "/head": ("HEAD", echo.get),
    "/headers": (_ANY, echo.headers),
    "/hidden-basic-auth/*/*": (_ANY, outcomes.hidden_basic_auth),
    "/hostname": (_ANY, data.hostname),
    "/html": (_ANY, data.html),
    "/ip": (_ANY, echo.ip),
    "/json": (_ANY, data.json_page),
    "/links/*": (_ANY, data.links),
    "/links/*/*": (_ANY, data.links),
    "/patch": ("PATCH", echo.with_body),
    "/post": ("POST", echo.with_body),
    "/put": ("PUT", echo.with_body),
    "/range/*": (_ANY, data.number_range),
    "/redirect-to": (_ANY, outcomes.redirect_to),
    "/redirect/*": (_ANY, outcomes.redirect),
    "/relative-redirect/*": (_ANY, outcomes.relative_redirect),
    "/response-headers": (_ANY, echo.response_headers),
    "/robots.txt": (_ANY, data.robots),
    "/status/*": (_ANY, outcomes.status),
    "/stream-bytes/*": (_ANY, data.stream_bytes),
    "/stream/*": (_ANY, data.stream),
    "/unstable": (_ANY, outcomes.unstable),
    "/upload": (_ANY, echo.upload),
    "/user-agent": (_ANY, echo.user_agent),
    "/uuid": (_ANY, data.uuid),
    "/version": (_ANY, data.version),
    "/xml": (_ANY, data.xml),
}
_NOT_EMULATED = "brotli digest-auth dump encoding etag forms image jsonl sse trailers websocket"


async def httpbin(container: Container) -> int:
    """Return the exit code of go-httpbin."""
    path, *words = container.argv
    try:
        flags, _rest = read_flags(words, _FLAGS)
        port = parse_int(container.env.get("PORT", flags["port"]))
        limits = Limits(parse_seconds(flags["max-duration"]), parse_int(flags["max-body-size"]))
    except (BadFlag, ValueError) as refused:
        for line in (str(refused), *usage(path, _FLAGS)):
            container.log(line)
        return 2
    _log(container, "INFO", f"go-httpbin listening on http://{flags['host']}:{port}")
    try:
        return await run_server(container, [port], _Httpbin(container, limits))
    except OSError:
        taken = f"listen tcp {flags['host']}:{port}: bind: address already in use"
        _log(container, "ERROR", taken)
        return 1


class _Httpbin:
    def __init__(self, container: Container, limits: Limits) -> None:
        self._container = container
        self._limits = limits

    def __call__(self, request: Request) -> Answered:
        began = time.perf_counter()
        route, words = _find(request)
        peer = self._container.network.caller(self._container.place, request.peer)
        asked = Asked(request, words, peer, self._limits)
        try:
            response = _preflight(asked) if request.method == "OPTIONS" else route(asked)
        except Bad as bad:
            response = error(asked, 400, str(bad))
        if isinstance(response, Response):
            return self._told(request, response, began)
        return self._wait(request, response, began)

    async def _wait(
        self, request: Request, response: Awaitable[Response], began: float
    ) -> Response:
        return self._told(request, await response, began)

    def _told(self, request: Request, response: Response, began: float) -> Response:
        took_ms = (time.perf_counter() - began) * 1000
        level = "ERROR" if response.status >= 500 else "WARN" if response.status >= 400 else "INFO"
        said = f"{response.status} {request.method} {request.target} {took_ms:.1f}ms"
        size = len(response.body) if isinstance(response.body, bytes) else 0
        more = f" status={response.status} method={request.method} uri={request.target}"
        _log(self._container, level, said, f"{more} size_bytes={size} duration_ms={took_ms:.6f}")
        if request.method == "HEAD":
            response.headers = [pair for pair in response.headers if pair[0] != "Content-Length"]
        return response


def _log(container: Container, level: str, message: str, more: str = "") -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    container.log(f'time={now} level={level} msg="{message}"{more}')


def _find(request: Request) -> tuple[Route, tuple[str, ...]]:
    """The route of a path and the words that its stars stand for."""
    raw = request.target.partition("?")[0]
    words = [unquote(word) for word in raw.split("/")[1:]]
    if words[0] == "anything":
        return echo.anything, ()
    for stars in range(min(len(words), 3)):
        fixed = words[: len(words) - stars]
        found = _ROUTES.get("/" + "/".join([*fixed, *("*" * stars)]))
        given = tuple(words[len(fixed) :])
        if found is not None and all(given):
            method, route = found
            is_right = method in (_ANY, request.method)
            is_right = is_right or (method == "GET" and request.method == "HEAD")
            return (route, given) if is_right else (_not_allowed(method), ())
    if words[0] in _NOT_EMULATED.split():
        return _not_emulated, ()
    return _nothing, ()


def _not_allowed(method: str) -> Route:
    allowed = "GET, HEAD" if method == "GET" else method

    def refuse(asked: Asked) -> Response:
        own = {"Allow": allowed, "Content-Type": PLAIN, "X-Content-Type-Options": "nosniff"}
        return answer(405, b"Method Not Allowed\n", {**cors(asked), **own})

    return refuse


def _nothing(asked: Asked) -> Response:
    own = {"Content-Type": PLAIN, "X-Content-Type-Options": "nosniff"}
    return answer(404, b"404 page not found\n", {**cors(asked), **own})


def _not_emulated(asked: Asked) -> Response:
    return error(asked, 501, "the sandbox's go-httpbin does not emulate this path")


def _preflight(asked: Asked) -> Response:
    own = {"Access-Control-Allow-Methods": _METHODS, "Access-Control-Max-Age": "3600"}
    headers = asked.request.header("access-control-request-headers")
    if headers:
        own["Access-Control-Allow-Headers"] = headers
    return answer(200, b"", {**cors(asked), **own})
