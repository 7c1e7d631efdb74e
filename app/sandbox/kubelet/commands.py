"""Commands inside a container that nobody watches: of probes and of hooks."""

import asyncio
import dataclasses
from collections.abc import Sequence

from app.sandbox.kubelet.parts import Execute
from app.sandbox.shell.container import Agent, Container
from app.sandbox.shell.execute import NotStarted

MOST_BYTES = 10_240  # of a probe's output, as the kubelet keeps


class Collected:
    """An Io without input that keeps the beginning of what is written."""

    def __init__(self) -> None:
        self.stdin = asyncio.StreamReader()
        self.stdin.feed_eof()
        self.written = b""

    def out(self, data: bytes) -> None:
        """Keep what goes to standard output."""
        self.written = (self.written + data)[:MOST_BYTES]

    def err(self, data: bytes) -> None:
        """Keep what goes to standard error, too."""
        self.out(data)


def visitor(container: Container, argv: Sequence[str], agent: Agent | None) -> Container:
    """Return the container as a command beside its program sees it."""
    return dataclasses.replace(
        container, argv=list(argv), agent=agent, log=_nowhere, stopping=asyncio.Event()
    )


def _nowhere(line: str, end: str = "\n") -> None:
    """Drop a line: what a command writes is no part of the container's log."""


async def run_quietly(
    execute: Execute, container: Container, argv: Sequence[str], timeout_s: float
) -> tuple[int, str]:
    """Return a command's exit code and output. Raises: TimeoutError."""
    io = Collected()
    async with asyncio.timeout(timeout_s):
        try:
            code = await execute(argv, io, visitor(container, argv, container.agent))
        except NotStarted as missing:
            return 126, str(missing)
    return code, io.written.decode("utf-8", "replace")
