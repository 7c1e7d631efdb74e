"""gRPC's server side for calls of one message and one answer, as exporters of spans make them.

Request headers are not decoded: whatever is called gets the one answer. Source: RFC 9113.
"""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

from app.sandbox.proxy.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    GRPC_HEAD,
    HEADERS,
    PADDED,
    REFUSED,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Frames,
)

LONGEST_MESSAGE = 4 << 20  # bytes
MOST_STREAMS = 100
EMPTY = b"\0\0\0\0\0"  # an answer without a field


def _literal(name: bytes, value: bytes) -> bytes:
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


DONE = _literal(b"grpc-status", b"0")
INVALID = _literal(b"grpc-status", b"3")


class Unary(Frames):
    """One connection. `heard` takes each message; it raises ValueError where it cannot read it."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        super().__init__()
        self._heard = heard
        self._messages: dict[int, bytearray] = {}

    def greet(self) -> None:
        """Say how many calls may be under way."""
        self.frame(SETTINGS, 0, 0, struct.pack(">HI", 3, MOST_STREAMS))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was under way."""
        super().connection_lost(exc)
        self._messages.clear()

    def abort(self) -> None:
        """End the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def took(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        """Take a call's parts."""
        if kind == HEADERS:
            if len(self._messages) >= MOST_STREAMS:
                self.frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED))
            else:
                self._messages[stream] = bytearray()
                if flags & END_STREAM:
                    self._answer(stream)
        elif kind == RST_STREAM:
            self._messages.pop(stream, None)
        elif kind == DATA:
            self._data(flags, stream, body)

    def _data(self, flags: int, stream: int, body: bytes) -> None:
        if body:
            grant = struct.pack(">I", len(body))
            self.frame(WINDOW_UPDATE, 0, 0, grant)
            if not flags & END_STREAM:
                self.frame(WINDOW_UPDATE, 0, stream, grant)
        message = self._messages.get(stream)
        if message is None:
            return
        if flags & PADDED and body:
            body = body[1 : max(1, len(body) - body[0])]
        message += body
        if len(message) > LONGEST_MESSAGE:
            del self._messages[stream]
            self.frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED))
        elif flags & END_STREAM:
            self._answer(stream)

    def _answer(self, stream: int) -> None:
        whole = bytes(self._messages.pop(stream))
        end = DONE
        try:
            if len(whole) < 5 or whole[0] or int.from_bytes(whole[1:5], "big") != len(whole) - 5:
                raise ValueError("not one message, or a compressed one")
            self._heard(whole[5:])
        except ValueError:
            end = INVALID
        self.frame(HEADERS, END_HEADERS, stream, GRPC_HEAD)
        if end is DONE:
            self.frame(DATA, 0, stream, EMPTY)
        self.frame(HEADERS, END_HEADERS | END_STREAM, stream, end)


class GrpcServer:
    """Serves `heard` on a Unix socket until it is closed."""

    def __init__(self, path: Path, heard: Callable[[bytes], None]) -> None:
        self._path = path
        self._heard = heard
        self._server: asyncio.Server | None = None
        self._connections: set[_Known] = set()

    async def start(self) -> None:
        """Listen. Raises: OSError."""
        self._path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: _Known(self._heard, self._connections), str(self._path)
        )

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for connection in tuple(self._connections):
            connection.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


class _Known(Unary):
    """A connection that its server can end."""

    def __init__(self, heard: Callable[[bytes], None], known: "set[_Known]") -> None:
        super().__init__(heard)
        self._known = known

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._known.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._known.discard(self)
        super().connection_lost(exc)
