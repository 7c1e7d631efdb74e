"""Where commands of a shell read from and write to: pipes, files, captured output."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from app.sandbox.shell.io import Io

MOST_WAITING = 16 * 1024 * 1024  # bytes written into a pipe that nobody has read
MOST_CAPTURED = 1024 * 1024  # bytes of $(...)


class Broken(Exception):
    """A write into a pipe that nobody reads any more."""


class Full(Exception):
    """More output than is kept."""


@dataclass
class Streams:
    """One command's streams: an Io whose parts can be put elsewhere."""

    stdin: asyncio.StreamReader
    _out: Callable[[bytes], None]
    _err: Callable[[bytes], None]

    @classmethod
    def of(cls, io: Io) -> "Streams":
        """Return the streams of an Io."""
        return cls(io.stdin, io.out, io.err)

    def out(self, data: bytes) -> None:
        """Write to standard output."""
        self._out(data)

    def err(self, data: bytes) -> None:
        """Write to standard error."""
        self._err(data)

    def but(
        self,
        stdin: asyncio.StreamReader | None = None,
        out: Callable[[bytes], None] | None = None,
        err: Callable[[bytes], None] | None = None,
    ) -> "Streams":
        """Return these streams with some put elsewhere."""
        return Streams(stdin or self.stdin, out or self._out, err or self._err)


class Pipe:
    """What one command writes and the next one reads."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader(limit=2**20)
        self._is_open = True
        self._written = 0

    def write(self, data: bytes) -> None:
        """Put bytes in. Raises: Broken, Full."""
        if not self._is_open:
            raise Broken
        self._written += len(data)
        if self._written > MOST_WAITING:
            raise Full
        if data:
            self.reader.feed_data(data)

    def end(self) -> None:
        """Say that nothing more comes."""
        if not self.reader.at_eof():
            self.reader.feed_eof()

    def close(self) -> None:
        """Say that nobody reads any more."""
        self._is_open = False


def of_bytes(data: bytes) -> asyncio.StreamReader:
    """Return a stream of these bytes."""
    reader = asyncio.StreamReader()
    if data:
        reader.feed_data(data)
    reader.feed_eof()
    return reader


class Captured:
    """Output that is kept."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Keep bytes. Raises: Full."""
        self.data += data
        if len(self.data) > MOST_CAPTURED:
            raise Full
