"""Reading HTTP/1.1 answers from a connection."""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import AsyncIterator
from dataclasses import dataclass

PIECE = 64 * 1024  # bytes read at a time
_STATUS = re.compile(rb"HTTP/(\d(?:\.\d)?) (\d{3})(?: ([^\r\n]*))?")


class Closed(Exception):
    """The other side ended the connection before the first byte of an answer."""


class NotHttp(Exception):
    """What came back is no answer in HTTP/1."""


class CutShort(Exception):
    """The connection ended within an answer; `missing` bytes were still to come, None: unknown."""

    def __init__(self, missing: int | None) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(frozen=True)
class Head:
    """The head of an answer. `raw` is what came, up to and with the empty line."""

    raw: bytes
    version: str
    status: int
    reason: str
    headers: list[tuple[str, str]]

    def header(self, name: str) -> str | None:
        """Return the last header of a name in lower case, None where there is none."""
        return next((value for key, value in reversed(self.headers) if key == name), None)

    def keeps_alive(self) -> bool:
        """Whether the connection can be used again, once the body has been read."""
        said = (self.header("connection") or "").lower()
        return said == "keep-alive" if self.version == "1.0" else said != "close"


async def read_head(reader: StreamReader) -> Head:
    """Return the head of the next answer, header names in lower case.

    Raises: Closed, CutShort, NotHttp, ConnectionError.
    """
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if not error.partial:
            raise Closed from error
        raise (CutShort(None) if error.partial.startswith(b"HTTP/") else NotHttp) from error
    except LimitOverrunError as error:
        raise NotHttp from error
    first, *lines = raw[:-4].split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise NotHttp
    headers = []
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name.lower(), value.strip()))
    reason = (status[3] or b"").decode("latin-1")
    return Head(raw, status[1].decode(), int(status[2]), reason, headers)


def body_size(head: Head, method: str) -> int | None:
    """Return a body's length in bytes; -1: chunked; None: until the connection ends."""
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return 0
    if "chunked" in (head.header("transfer-encoding") or "").lower():
        return -1
    written = head.header("content-length")
    if written is None:
        return None
    if not written.isdigit():
        raise NotHttp
    return int(written)


async def body_pieces(reader: StreamReader, size: int | None) -> AsyncIterator[bytes]:
    """Yield a body's bytes as they come. Raises: CutShort, NotHttp, ConnectionError."""
    if size == -1:
        async for piece in _chunks(reader):
            yield piece
        return
    left = size
    while left is None or left > 0:
        piece = await reader.read(PIECE if left is None else min(left, PIECE))
        if not piece:
            if left is None:
                return
            raise CutShort(left)
        left = None if left is None else left - len(piece)
        yield piece


async def _chunks(reader: StreamReader) -> AsyncIterator[bytes]:
    try:
        while True:
            size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
            left = size
            while left > 0:
                piece = await reader.read(min(left, PIECE))
                if not piece:
                    raise CutShort(None)
                left -= len(piece)
                yield piece
            if size == 0:
                while await reader.readuntil(b"\r\n") != b"\r\n":
                    pass  # trailers
                return
            await reader.readexactly(2)
    except IncompleteReadError as error:
        raise CutShort(None) from error
    except (LimitOverrunError, ValueError) as error:
        raise NotHttp from error
