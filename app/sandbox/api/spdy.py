"""SPDY/3.1 frames, as far as port-forward uses them: streams of bytes inside one connection.

Source: the SPDY protocol, draft 3.1, sections 2.2 and 2.6; the dictionary is 2.6.10.1's.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY, WINDOW_UPDATE = 1, 2, 3, 6, 7, 9
FIN = 1
VERSION = 0x8003  # a control frame of version 3
MOST_BYTES = 1024 * 1024  # of one frame; kubectl sends 32 KiB
MOST_HEADERS = 64 * 1024  # of one header block, unpacked

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language "
    "accept-ranges age allow authorization cache-control connection content-base "
    "content-encoding content-language content-length content-location content-md5 "
    "content-range content-type date etag expect expires from host if-match if-modified-since "
    "if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer "
    "transfer-encoding upgrade user-agent vary via warning www-authenticate method get status"
)
_MORE = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin")
_TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, "
    "Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
    "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
DICTIONARY = (
    b"".join(struct.pack(">I", len(word)) + word.encode() for word in (*_WORDS.split(), *_MORE))
    + _TAIL.encode()
)


class BrokenFrame(Exception):
    """What came is no SPDY; the connection ends."""


@dataclass(frozen=True)
class Frame:
    """One frame: `kind` is 0 for data, else that of a control frame."""

    kind: int
    stream: int
    flags: int
    body: bytes

    @property
    def is_last(self) -> bool:
        """Whether its sender will send no more on this stream."""
        return bool(self.flags & FIN)


class Session:
    """One end of a connection: bytes to frames, and frames to bytes."""

    def __init__(self) -> None:
        self._buffer = b""
        self._unpack = zlib.decompressobj(zdict=DICTIONARY)
        self._pack = zlib.compressobj(zdict=DICTIONARY)

    def frames(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are whole. Raises: BrokenFrame."""
        self._buffer += data
        while len(self._buffer) >= 8:
            head, flags_size = struct.unpack(">II", self._buffer[:8])
            flags, size = flags_size >> 24, flags_size & 0xFFFFFF
            if size > MOST_BYTES:
                raise BrokenFrame("a frame is too large")
            if len(self._buffer) < 8 + size:
                return
            body, self._buffer = self._buffer[8 : 8 + size], self._buffer[8 + size :]
            if not head >> 31:
                yield Frame(0, head, flags, body)
            elif head >> 16 != VERSION:
                raise BrokenFrame("only version 3 is spoken")
            else:
                stream = struct.unpack(">I", body[:4])[0] if len(body) >= 4 else 0
                yield Frame(head & 0xFFFF, stream, flags, body)

    def headers(self, frame: Frame) -> dict[str, str]:
        """Return the headers of a SYN_STREAM. Raises: BrokenFrame."""
        try:
            block = self._unpack.decompress(frame.body[10:], MOST_HEADERS)
            return dict(_pairs(block))
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise BrokenFrame("a header block is broken") from error

    def reply(self, stream: int) -> bytes:
        """Return the frame that accepts a stream, without headers."""
        block = self._pack.compress(struct.pack(">I", 0)) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        return control(SYN_REPLY, struct.pack(">I", stream) + block)


def _pairs(block: bytes) -> Iterator[tuple[str, str]]:
    count, place = struct.unpack(">I", block[:4])[0], 4
    for _ in range(min(count, 100)):
        pair = []
        for _ in range(2):
            size = struct.unpack(">I", block[place : place + 4])[0]
            pair.append(block[place + 4 : place + 4 + size].decode())
            place += 4 + size
        yield pair[0].lower(), pair[1]


def control(kind: int, body: bytes, flags: int = 0) -> bytes:
    """Return a control frame."""
    return struct.pack(">HHI", VERSION, kind, flags << 24 | len(body)) + body


def data(stream: int, body: bytes, *, is_last: bool = False) -> bytes:
    """Return a data frame."""
    return struct.pack(">II", stream, (FIN if is_last else 0) << 24 | len(body)) + body


def window(stream: int, size: int) -> bytes:
    """Return the frame that lets the other end send more."""
    return control(WINDOW_UPDATE, struct.pack(">II", stream, size))
