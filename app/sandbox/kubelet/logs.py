"""What a container has written: the last lines of it, with their times."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MOST_BYTES = 1_000_000
MOST_LINES = 20_000  # each costs some 200 bytes besides its text
LONGEST_LINE = 16_384  # characters; the rest of a longer line is left out


class Line(NamedTuple):
    """One line: its number, when it was written, its text with the newline."""

    number: int
    when: datetime
    text: bytes


class Log:
    """A bounded ring of lines. Those who follow it are told of each new one."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque()
        self._size_bytes = 0
        self._next = 0
        self._followers: set[asyncio.Future[None]] = set()
        self._is_closed = False

    def write(self, line: str, end: str = "\n") -> None:
        """Add what a program wrote; it may be several lines, the last without an end."""
        *parts, last = line.split("\n")
        for part in (*(f"{each[:LONGEST_LINE]}\n" for each in parts), last[:LONGEST_LINE] + end):
            data = part.encode("utf-8", "replace")
            self._lines.append(Line(self._next, datetime.now(UTC), data))
            self._next += 1
            self._size_bytes += len(data)
        while self._is_too_much():
            self._size_bytes -= len(self._lines.popleft().text)
        self._wake()

    def _is_too_much(self) -> bool:
        count = len(self._lines)
        return count > MOST_LINES or (self._size_bytes > MOST_BYTES and count > 1)

    def close(self) -> None:
        """Say that nothing will be added: the container has ended."""
        self._is_closed = True
        self._wake()

    def end(self, lines: int) -> bytes:
        """Return the last lines."""
        return b"".join(line.text for line in list(self._lines)[-lines:])

    def _wake(self) -> None:
        followers, self._followers = self._followers, set()
        for follower in followers:
            if not follower.done():
                follower.set_result(None)

    async def read(
        self,
        *,
        follow: bool = False,
        tail: int | None = None,
        since_s: float | None = None,
        timestamps: bool = False,
    ) -> AsyncIterator[bytes]:
        """Yield the lines there are, and with `follow` those to come until the end."""
        after = self._next - 1  # what was there before and is not asked for is not for later
        first = list(self._lines)
        if since_s is not None:
            earliest = datetime.now(UTC) - timedelta(seconds=since_s)
            first = [line for line in first if line.when >= earliest]
        if tail is not None:
            first = first[max(len(first) - tail, 0) :]
        while True:
            for line in first:
                yield _stamped(line) if timestamps else line.text
            if not follow:
                return
            first = self._since(after)
            after = self._next - 1
            if first:
                continue
            if self._is_closed:
                return
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._followers.add(news)
            try:
                await news
            finally:
                self._followers.discard(news)

    def _since(self, number: int) -> list[Line]:
        return [line for line in self._lines if line.number > number]


def _stamped(line: Line) -> bytes:
    """Return a line behind its time, to the nanosecond as Kubernetes prints it."""
    when = line.when.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
    return when.encode() + b" " + line.text
