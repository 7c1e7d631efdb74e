"""Containers that run a command: sh, sleep, curl, as pods of curlimages/curl and busybox do."""

import asyncio
import posixpath

from app.sandbox.shell.container import Container, Program
from app.sandbox.shell.execute import execute

ENTRYPOINT = "/entrypoint.sh"
LONGEST_LINE = 16 * 1024  # bytes that are kept of a line without end, as much as a log shows


class LoggedIo:
    """An Io without input whose lines go to the container's log."""

    def __init__(self, container: Container) -> None:
        self.stdin = asyncio.StreamReader()
        self.stdin.feed_eof()
        self._log = container.log
        self._rest = b""

    def out(self, data: bytes) -> None:
        """Log whole lines; keep what has no end yet."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._log((self._rest + line).decode("utf-8", "replace"))
            self._rest = b""
        self._rest += rest[: LONGEST_LINE - len(self._rest)]

    def err(self, data: bytes) -> None:
        """The same as out: a container's log is both."""
        self.out(data)

    def end(self) -> None:
        """Log what has no end, as it is."""
        if self._rest:
            self._log(self._rest.decode("utf-8", "replace"), end="")
            self._rest = b""


async def command(container: Container) -> int:
    """Return the exit code of the container's command. Raises: NotStarted.

    A command does not react to SIGTERM, as process 1 of a container without a handler does not:
    it ends when it is cancelled.
    """
    io = LoggedIo(container)
    try:
        return await execute(container.argv, io, container)
    finally:
        io.end()


async def curl(container: Container) -> int:
    """The image curlimages/curl: what begins with a dash are curl's options."""
    if container.argv[:1] == [ENTRYPOINT]:
        rest = container.argv[1:]
        container.argv = ["curl", *rest] if not rest or rest[0].startswith("-") else rest
    return await command(container)


def either(name: str, program: Program) -> Program:
    """Return a program that is the image's own where `name` is called, else a command."""

    async def run(container: Container) -> int:
        called = posixpath.basename(container.argv[0]) if container.argv else ""
        return await (program if called == name else command)(container)

    return run
