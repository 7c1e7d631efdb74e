"""The server's half of an HTTP/2 connection: frames in, frames out, and what each needs besides.

Request headers are not decoded: there is one service behind a socket. Source: RFC 9113.
"""

import asyncio

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
FRAME_SIZE = 16_384  # bytes, of each frame that comes: what HTTP/2 says where nobody says more
REFUSED = 7  # RST_STREAM's code
# :status 200 (indexed), content-type: application/grpc (its name indexed, its value as it is)
GRPC_HEAD = b"\x88\x0f\x10\x10application/grpc"


class Frames(asyncio.Protocol):
    """Reads frames and hands them to `took`; settings and pings are acknowledged here."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._has_preface = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.greet()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self.transport = None

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
            if kind == PING and not flags & ACK:
                self.frame(PING, ACK, 0, body)
            elif kind == SETTINGS and not flags & ACK:
                self.took(kind, flags, stream, body)
                self.frame(SETTINGS, ACK, 0, b"")
            else:
                self.took(kind, flags, stream, body)
        return None

    def greet(self) -> None:
        """Send the own settings."""
        raise NotImplementedError

    def took(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        """Act on one frame."""
        raise NotImplementedError

    def frame(self, kind: int, flags: int, stream: int, body: bytes) -> None:
        """Send one frame, unless the connection is ending."""
        if self.transport is not None and not self.transport.is_closing():
            head = len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
            self.transport.write(head + body)

    def close(self) -> None:
        """End the connection once what was sent has gone out."""
        if self.transport is not None:
            self.transport.close()
