"""The server's half of HTTP/2, as far as one gRPC client on a Unix socket needs it.

Request headers are not decoded: there is one service and one method. Source: RFC 9113.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
INITIAL_WINDOW, MAX_FRAME = 4, 5  # settings
OWN_WINDOW = 1 << 20
LONGEST_MESSAGE = 16 << 20
FRAME_SIZE = 16_384
# :status 200 (indexed), content-type: application/grpc (its name indexed, its value as it is)
ANSWER = b"\x88\x0f\x10\x10application/grpc"


class GrpcConnection(asyncio.Protocol):
    """One client's connection with one stream. `heard` takes each message, `ended` its end."""

    def __init__(
        self, heard: Callable[["GrpcConnection", bytes], None], ended: Callable[[], None]
    ) -> None:
        self._heard = heard
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._has_preface = False
        self._stream = 0
        self._message = bytearray()
        self._unsent: deque[bytes] = deque()
        self._windows = {0: 65_535, 1: 65_535}  # of the connection, and of the stream
        self._first_window = 65_535

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet with the settings."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW, OWN_WINDOW))
        self._frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", OWN_WINDOW))

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        self._transport = None
        self._ended()

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

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def send(self, message: bytes) -> None:
        """Send one message, as fast as the client takes it."""
        framed = b"\0" + struct.pack(">I", len(message)) + message
        for start in range(0, len(framed), FRAME_SIZE):
            self._unsent.append(framed[start : start + FRAME_SIZE])
        self._flush()

    def _take(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if kind == SETTINGS and not flags & ACK:
            self._settings(body)
            self._frame(SETTINGS, ACK, 0, b"")
        elif kind == PING and not flags & ACK:
            self._frame(PING, ACK, 0, body)
        elif kind == WINDOW_UPDATE and len(body) == 4:
            self._windows[1 if stream else 0] += int.from_bytes(body, "big") & 0x7FFFFFFF
            self._flush()
        elif kind == HEADERS:
            self._open(stream)
        elif kind == DATA and stream == self._stream:
            self._data(flags, body)
        elif kind == RST_STREAM and stream == self._stream:
            self.close()

    def _settings(self, body: bytes) -> None:
        for start in range(0, len(body) - 5, 6):
            key, value = struct.unpack(">HI", body[start : start + 6])
            if key == INITIAL_WINDOW:
                self._windows[1] += value - self._first_window
                self._first_window = value
                self._flush()

    def _open(self, stream: int) -> None:
        if self._stream:  # the client's second stream: nobody of ours opens one
            return self._frame(RST_STREAM, 0, stream, struct.pack(">I", 7))
        self._stream = stream
        return self._frame(HEADERS, END_HEADERS, stream, ANSWER)

    def _data(self, flags: int, body: bytes) -> None:
        if body:
            grant = struct.pack(">I", len(body))
            self._frame(WINDOW_UPDATE, 0, 0, grant)
            self._frame(WINDOW_UPDATE, 0, self._stream, grant)
        if flags & PADDED:
            body = body[1 : len(body) - body[0]]
        self._message += body
        while len(self._message) >= 5:
            length = int.from_bytes(self._message[1:5], "big")
            if length > LONGEST_MESSAGE:
                return self.close()
            if len(self._message) < 5 + length:
                break
            whole = bytes(self._message[5 : 5 + length])
            del self._message[: 5 + length]
            self._heard(self, whole)
        if flags & END_STREAM:
            self.close()
        return None

    def _flush(self) -> None:
        while self._unsent and self._stream:
            if min(self._windows.values()) < len(self._unsent[0]):
                return
            part = self._unsent.popleft()
            self._windows[0] -= len(part)
            self._windows[1] -= len(part)
            self._frame(DATA, 0, self._stream, part)

    def _frame(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            head = len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
            self._transport.write(head + body)
