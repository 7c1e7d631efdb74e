"""Reading HTTP/1.1 requests from bytes as they come.

Written for this place: every request between pods is read here, and a general parser in Python
takes longer than all the rest of the way. What is ambiguous is refused, never guessed.
Source: RFC 9112.
"""

import re
from dataclasses import dataclass, field

from app.sandbox.programs.http import Headers, Request

MAX_HEAD = 64 * 1024  # bytes
MAX_BODY = 10 * 1024 * 1024  # bytes
_NO_METHOD = tuple(bytes([code]) for code in (*range(10), 11, 12, *range(14, 32), *range(127, 256)))
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[^\x00\r\n]*")
_VERSION = re.compile(rb"HTTP/1\.[01]")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Malformed(Exception):
    """A request that is refused; `status` is what it is answered with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class _Head:
    method: str
    target: str
    version: str
    headers: Headers
    length: int  # bytes of the body; -1: chunked
    expects: bool


@dataclass
class RequestReader:
    """Takes bytes and gives whole requests. `is_awaited` asks for a `100 Continue`."""

    buffer: bytearray = field(default_factory=bytearray)
    is_awaited: bool = False
    peer: str = ""
    _head: _Head | None = None
    _body: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        self.buffer += data

    def next(self) -> Request | None:
        """Return the next request, None until it is whole. Raises: Malformed."""
        head = self._head
        if head is None:
            if self.buffer[:1] in _NO_METHOD:  # TLS, spoken to a plain port
                raise Malformed(400)
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0 or end > MAX_HEAD:
                if len(self.buffer) > MAX_HEAD:
                    raise Malformed(431)
                return None
            head = self._head = _read_head(bytes(self.buffer[:end]))
            del self.buffer[: end + 4]
            self.is_awaited = head.expects
        if not self._has_body(head):
            return None
        self._head, self.is_awaited = None, False
        body, self._body = bytes(self._body), bytearray()
        return Request(head.method, head.target, head.version, head.headers, body, self.peer)

    def _has_body(self, head: _Head) -> bool:
        if head.length == 0:
            return True
        if head.length < 0:
            return self._has_chunks()
        if len(self.buffer) < head.length:
            return False
        self._body += self.buffer[: head.length]
        del self.buffer[: head.length]
        return True

    def _has_chunks(self) -> bool:
        while (end := self.buffer.find(b"\r\n")) >= 0:
            size = _SIZE.fullmatch(bytes(self.buffer[:end]).partition(b";")[0].strip())
            if size is None:
                raise Malformed(400)
            length = int(size[0], 16)
            if len(self._body) + length > MAX_BODY:
                raise Malformed(413)
            if length == 0:
                return self._has_trailers(end + 2)
            if len(self.buffer) < end + 4 + length:
                return False
            self._body += self.buffer[end + 2 : end + 2 + length]
            if self.buffer[end + 2 + length : end + 4 + length] != b"\r\n":
                raise Malformed(400)
            del self.buffer[: end + 4 + length]
        if len(self.buffer) > MAX_HEAD:
            raise Malformed(400)
        return False

    def _has_trailers(self, start: int) -> bool:
        if self.buffer[start : start + 2] == b"\r\n":
            del self.buffer[: start + 2]
            return True
        end = self.buffer.find(b"\r\n\r\n", start)
        if end < 0:
            if len(self.buffer) > MAX_HEAD:
                raise Malformed(431)
            return False
        del self.buffer[: end + 4]
        return True


def _read_head(data: bytes) -> _Head:
    first, *lines = data.lstrip(b"\r\n").split(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not parts[1]:
        raise Malformed(400)
    if not _VERSION.fullmatch(parts[2]):
        raise Malformed(505 if parts[2].startswith(b"HTTP/") else 400)
    headers: Headers = []
    length, is_chunked, expects = 0, False, False
    for line in lines:
        name, colon, value = line.partition(b":")
        value = value.strip(b" \t")
        if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Malformed(400)
        low = name.lower()
        if low == b"content-length":
            if not value.isdigit() or len(value) > 12 or length not in (0, int(value)):
                raise Malformed(400)
            length = int(value)
        elif low == b"transfer-encoding":
            if value.lower() != b"chunked" or is_chunked:
                raise Malformed(501)
            is_chunked = True
        elif low == b"expect":
            expects = value.lower() == b"100-continue"
        headers.append((name.decode("latin-1"), value.decode("latin-1")))
    if is_chunked and any(name.lower() == "content-length" for name, _ in headers):
        raise Malformed(400)
    if length > MAX_BODY:
        raise Malformed(413)
    method, target, version = (part.decode("latin-1") for part in parts)
    return _Head(method, target, version, headers, -1 if is_chunked else length, expects)
