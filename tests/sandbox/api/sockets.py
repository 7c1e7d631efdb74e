"""Websockets to an API server in this process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.api.asgi import TOKEN, Conversation, conversing, scope
from sandbox.api.world import FakeKubelet

from app.sandbox.api.server import create_api
from app.sandbox.objects import Obj, at
from app.sandbox.registry.registry import Registry

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"


@asynccontextmanager
async def socket(
    made: Registry, path: str, query: list[tuple[str, str]], protocol: str = V5
) -> AsyncIterator[Conversation]:
    app = create_api(made, FakeKubelet(), TOKEN)
    asked = scope("GET", path, query, {})
    asked["type"] = "websocket"
    asked["subprotocols"] = [protocol]
    asked["extensions"] = {"websocket.http.response": {}}
    del asked["method"]
    async with conversing(app, asked) as both:
        both.sent.put_nowait({"type": "websocket.connect"})
        yield both
        both.sent.put_nowait({"type": "websocket.disconnect", "code": 1000})


async def said(both: Conversation, channel: int) -> bytes:
    """Return the next message of a channel; others are passed over."""
    async with asyncio.timeout(5):
        while True:
            body: bytes = (await both.came.get()).get("bytes") or b""
            if body[:1] == bytes([channel]):
                return body[1:]


def send(both: Conversation, body: bytes) -> None:
    both.sent.put_nowait({"type": "websocket.receive", "bytes": body})


async def refusal(both: Conversation) -> Obj:
    async with asyncio.timeout(5):
        start = await both.came.get()
        assert start["type"] == "websocket.http.response.start", start
        found: Obj = json.loads((await both.came.get())["body"])
        assert at(found, "code") == start["status"]
        return found
