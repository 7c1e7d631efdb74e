"""gRPC's server side for calls of one message and one answer, as exporters of spans make them.

Request headers are not decoded: whatever is called gets the one answer. Source: RFC 9113.
"""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
FRAME_SIZE = 16_384  # bytes, of each frame that comes: what HTTP/2 says where nobody says more
LONGEST_MESSAGE = 4 << 20  # bytes
MOST_STREAMS = 100
# :status 200 (indexed), content-type: application/grpc (its name indexed, its value as it is)
HEAD = b"\x88\x0f\x10\x10application/grpc"
EMPTY = b"\0\0\0\0\0"  # an answer without a field
REFUSED = 7  # RST_STREAM's code


def _literal(name: bytes, value: bytes) -> bytes:
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


DONE = _literal(b"grpc-status", b"0")
INVALID = _literal(b"grpc-status", b"3")


class Unary(asyncio.Protocol):
    """One connection. `heard` takes each message; it raises ValueError where it cannot read it."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._has_preface = False
        self._messages: dict[int, bytearray] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet with the settings."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._frame(SETTINGS, 0, 0, struct.pack(">HI", 3, MOST_STREAMS))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was under way."""
        self._transport = None
        self._messages.clear()

    def close(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came; whatever is no HTTP/2 ends the connection."""
        self._read += data
        if not self._has_preface:
            if len(self._read) < len(PREFACE):
                return None
            if not self._read.startswith(PREFACE):
                return self.close()
            del self._read[: len(PREFACE)]
            self._has_preface = True
        while len(self._read) >= 9:
            length = int.from_bytes(self._read[:3], "big")
            if length > FRAME_SIZE:
                return self.close()
            if len(self._read) < 9 + length:
                return None
            kind, flags = self._read[3], self._read[4]
            stream = int.from_bytes(self._read[5:9], "big") & 0x7FFFFFFF
            body = bytes(self._read[9 : 9 + length])
            del self._read[: 9 + length]
            self._take(kind, flags, stream, body)
        return None

    def _take(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if kind == SETTINGS and not flags & ACK:
            self._frame(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            self._frame(PING, ACK, 0, body)
        elif kind == HEADERS:
            if len(self._messages) >= MOST_STREAMS:
                self._frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED))
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
            self._frame(WINDOW_UPDATE, 0, 0, grant)
            if not flags & END_STREAM:
                self._frame(WINDOW_UPDATE, 0, stream, grant)
        message = self._messages.get(stream)
        if message is None:
            return
        if flags & PADDED and body:
            body = body[1 : max(1, len(body) - body[0])]
        message += body
        if len(message) > LONGEST_MESSAGE:
            del self._messages[stream]
            self._frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED))
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
        self._frame(HEADERS, END_HEADERS, stream, HEAD)
        if end is DONE:
            self._frame(DATA, 0, stream, EMPTY)
        self._frame(HEADERS, END_HEADERS | END_STREAM, stream, end)

    def _frame(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            head = len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
            self._transport.write(head + body)


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
            connection.close()
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
