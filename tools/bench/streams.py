"""Many open streams of one page, held by sockets that read and forget: they cost next to nothing.

A client that parsed all of it would be measured along with the site.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.visitor import Visitor

SETTLED = b"event: step"  # by then the page knows its runs, tasks and checks
OPEN_S = 60.0


@dataclass(frozen=True)
class Door:
    """Where a signed-in browser gets in."""

    origin: str
    cookie: str


async def door_of(visitor: Visitor, address: str, lesson: str, step: str) -> Door:
    """Return the way in of a visitor who has signed in at that address."""
    url = urlsplit(address)
    async with visitor.stream(lesson, step) as stream:
        cookie = stream.response.request.headers["cookie"]
    return Door(f"{url.scheme}://{url.netloc}", cookie)


@asynccontextmanager
async def open_streams(door: Door, lesson: str, step: str, count: int) -> AsyncIterator[None]:
    """Hold so many streams of a step open for as long as the `async with` lasts."""
    url = urlsplit(door.origin)
    assert url.hostname
    head = (
        f"GET /live/{lesson}/{step} HTTP/1.1\r\nHost: {url.netloc}\r\nCookie: {door.cookie}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    transports: list[asyncio.Transport] = []
    readers: list[_Reader] = []
    try:
        for _ in range(count):
            transport, reader = await loop.create_connection(
                lambda: _Reader(head.encode()), url.hostname, url.port or 80
            )
            transports.append(transport)
            readers.append(reader)
        await asyncio.wait_for(asyncio.gather(*(reader.settled for reader in readers)), OPEN_S)
        yield
        assert not any(reader.is_closed for reader in readers), "a stream ended before its time"
    finally:
        for transport in transports:
            transport.abort()


class _Reader(asyncio.Protocol):
    def __init__(self, head: bytes) -> None:
        self._head = head
        self._rest = b""
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        if self.settled.done():
            return
        seen = self._rest + data
        self._rest = seen[-len(SETTLED) :]
        if SETTLED in seen:
            self.settled.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        if not self.settled.done():
            self.settled.set_exception(ConnectionError(f"a stream was refused: {error}"))
