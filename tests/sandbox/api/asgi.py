"""An ASGI application asked in this process: whole answers, streams and websockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope

from app.sandbox.objects import Json, Obj

TOKEN = "the-owner's-own-token"


@dataclass
class Answer:
    """What came back."""

    code: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Obj:
        found: Obj = json.loads(self.body)
        return found

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass
class Conversation:
    """The messages of one connection, from both sides."""

    sent: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    came: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)

    async def lines(self) -> AsyncIterator[Obj]:
        """Yield the lines of a stream, each a JSON object."""
        rest = b""
        while (message := await self.came.get())["type"] != "end":
            rest += message.get("body", b"")
            *whole, rest = rest.split(b"\n")
            for line in whole:
                yield json.loads(line)


def scope(
    method: str, path: str, query: Sequence[tuple[str, str]], headers: dict[str, str]
) -> Scope:
    known = {"authorization": f"Bearer {TOKEN}", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(query).encode(),
        "headers": [(key.encode(), value.encode()) for key, value in known.items() if value],
        "scheme": "https",
        "server": ("127.0.0.1", 443),
    }


@asynccontextmanager
async def conversing(app: ASGIApp, asked: Scope) -> AsyncIterator[Conversation]:
    """Run one connection; it is cut at the end."""
    both = Conversation()

    async def run() -> None:
        try:
            await app(asked, both.sent.get, both.came.put)
        finally:
            both.came.put_nowait({"type": "end"})

    running = asyncio.create_task(run())
    try:
        yield both
    finally:
        both.sent.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(5):
            await running


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    body: "Json | bytes" = None,
    headers: dict[str, str] | None = None,
    **query: str,
) -> Answer:
    """Return the answer to one request; a body that is no bytes is sent as JSON."""
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    known = {"content-type": "application/json", **(headers or {})}
    answer = Answer(0, [], b"")
    async with conversing(app, scope(method, path, list(query.items()), known)) as both:
        both.sent.put_nowait({"type": "http.request", "body": sent, "more_body": False})
        while (message := await both.came.get())["type"] != "end":
            if message["type"] == "http.response.start":
                answer.code = message["status"]
                pairs = message["headers"]
                answer.headers = [(key.decode(), value.decode()) for key, value in pairs]
            answer.body += message.get("body", b"")
    return answer
