"""The server's half of HTTP/2, as far as one gRPC client on a Unix socket needs it.

Request headers are not decoded: there is one service and one method. Source: RFC 9113.
"""

import struct
from collections import deque
from collections.abc import Callable

from app.sandbox.proxy.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    FRAME_SIZE,
    GRPC_HEAD,
    HEADERS,
    PADDED,
    REFUSED,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Frames,
)

INITIAL_WINDOW = 4  # a setting
OWN_WINDOW = 1 << 20
LONGEST_MESSAGE = 16 << 20


class GrpcConnection(Frames):
    """One client's connection with one stream. `heard` takes each message, `ended` its end."""

    def __init__(
        self, heard: Callable[["GrpcConnection", bytes], None], ended: Callable[[], None]
    ) -> None:
        super().__init__()
        self._heard = heard
        self._ended = ended
        self._stream = 0
        self._message = bytearray()
        self._unsent: deque[bytes] = deque()
        self._windows = {0: 65_535, 1: 65_535}  # of the connection, and of the stream
        self._first_window = 65_535

    def greet(self) -> None:
        """Offer wide windows."""
        self.frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW, OWN_WINDOW))
        self.frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", OWN_WINDOW))

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        super().connection_lost(exc)
        self._ended()

    def send(self, message: bytes) -> None:
        """Send one message, as fast as the client takes it."""
        framed = b"\0" + struct.pack(">I", len(message)) + message
        for start in range(0, len(framed), FRAME_SIZE):
            self._unsent.append(framed[start : start + FRAME_SIZE])
        self._flush()

    def took(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        """Take windows, the one stream, and its messages."""
        if kind == SETTINGS:
            self._settings(body)
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
            return self.frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED))
        self._stream = stream
        return self.frame(HEADERS, END_HEADERS, stream, GRPC_HEAD)

    def _data(self, flags: int, body: bytes) -> None:
        if body:
            grant = struct.pack(">I", len(body))
            self.frame(WINDOW_UPDATE, 0, 0, grant)
            self.frame(WINDOW_UPDATE, 0, self._stream, grant)
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
            self.frame(DATA, 0, self._stream, part)
