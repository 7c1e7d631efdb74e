"""What every request and answer passes: Host, Origin, size of the body, headers of the answer."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 512 * 1024  # a few manifests of 64 KiB each, with room for form encoding
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
ANSWER_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer a form would send "Origin: null"
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Refuse requests that no page of ours sends, before any route sees them."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        answer = with_headers(send, is_static=scope["path"].startswith("/static/"))
        if refusal:
            await refusal(scope, receive, answer)
            return
        await self._app(scope, limited(receive), answer)

    def _refusal(self, method: str, path: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if hostname(host) not in self._hosts:
            return PlainTextResponse("This site does not answer to that host name.\n", 421)
        is_ours = is_own_origin(headers.get("origin", ""), host) or is_program(path, headers)
        if method not in ("GET", "HEAD") and not is_ours:
            return PlainTextResponse("This request does not come from a page of this site.\n", 403)
        size = headers.get("content-length", "0")
        if not size.isdigit() or int(size) > MAX_BODY_BYTES:
            return PlainTextResponse("The request is too large.\n", 413)
        return None


def hostname(host: str) -> str:
    """Return a Host header without its port, in lower case; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host[: host.find("]") + 1].lower()
    return host.partition(":")[0].lower()


def is_own_origin(origin: str, host: str) -> bool:
    """Return whether an Origin header names the host that was asked; none at all does not."""
    return bool(origin) and urlsplit(origin).netloc.lower() == host.lower()


def is_program(path: str, headers: Headers) -> bool:
    """Return whether another lab asks, not a browser: its routes take a token, never a cookie."""
    return path.startswith("/api/") and "origin" not in headers


def limited(receive: Receive) -> Receive:
    """Return a `receive` that stops a body without a length at the limit."""
    seen = 0

    async def receive_some() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise HTTPException(413)
        return message

    return receive_some


def with_headers(send: Send, *, is_static: bool) -> Send:
    """Return a `send` that adds the security headers; a page is never kept by a cache."""

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ANSWER_HEADERS.items():
                headers[name] = value
            if not is_static:
                headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with
