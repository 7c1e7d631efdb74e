"""Starts programs, reads what they say line by line, and owns what it started until it has ended.

Source: https://docs.python.org/3/library/asyncio-subprocess.html
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from app.commands import keeper
from app.commands.orphans import start_time
from app.commands.output import LineSplitter
from app.errors import ToolMissing

GRACE_S: Final = 2.0  # between the request to end and the end
DRAIN_S: Final = 1.0  # for what still stands in the pipes of a process that is gone
_CHUNK_BYTES: Final = 64 * 1024
_BATCHES: Final = 64  # read ahead of whoever takes them; then the program waits
_POLL_S: Final = 0.2


@dataclass(frozen=True)
class Said:
    """One line of one stream. Units: `at_s` seconds since the start."""

    stream: Literal["out", "err"]
    at_s: float
    text: str


class Child:
    """One running program and its process group. `code` is None until it ended."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._started = asyncio.get_running_loop().time()
        self._queue: asyncio.Queue[list[Said] | None] = asyncio.Queue(_BATCHES)
        self.pid = process.pid
        self.pid_started = start_time(process.pid)
        self.is_timed_out = False

    @property
    def code(self) -> int | None:
        """The exit status; negative for the signal that ended it."""
        return self._process.returncode

    async def said(self, timeout_s: float) -> AsyncGenerator[list[Said], None]:
        """Yield lines in batches as they come. Leaving early, or the time limit, ends the group."""
        reading = asyncio.create_task(self._read_all())
        deadline = self._started + timeout_s
        try:
            while True:
                try:
                    # The limit is around each read, never a yield: there it would cancel our
                    # caller (PEP 789).
                    async with asyncio.timeout_at(deadline):
                        batch = await self._queue.get()
                except TimeoutError:
                    self.is_timed_out = True
                    deadline = asyncio.get_running_loop().time() + GRACE_S + 2 * DRAIN_S
                    await self.stop()
                    continue
                if batch is None:
                    return
                yield batch
        finally:
            await self.stop()
            reading.cancel()
            await asyncio.wait([reading])

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """End the whole group: asked first, then killed, also when its leader has already gone."""
        if self.code is None:
            self._signal(signal.SIGTERM)
            await self._gone(grace_s)
        self._signal(signal.SIGKILL)
        await self._gone(DRAIN_S)

    async def _read_all(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        readers = [
            asyncio.create_task(self._read(self._process.stdout, "out")),
            asyncio.create_task(self._read(self._process.stderr, "err")),
        ]
        try:
            while not await self._gone(3600.0):
                pass
            self._signal(signal.SIGKILL)  # a child left behind would hold the pipes open
            await asyncio.wait(readers, timeout=DRAIN_S)
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.wait(readers)
        await self._queue.put(None)

    async def _read(self, pipe: asyncio.StreamReader, stream: Literal["out", "err"]) -> None:
        splitter = LineSplitter()
        while chunk := await pipe.read(_CHUNK_BYTES):
            await self._offer(splitter.feed(chunk), stream)
        await self._offer(splitter.end(), stream)

    async def _offer(self, texts: list[str], stream: Literal["out", "err"]) -> None:
        at_s = round(asyncio.get_running_loop().time() - self._started, 3)
        if texts:
            await self._queue.put([Said(stream, at_s, text) for text in texts])

    async def _gone(self, within_s: float) -> bool:
        """Return whether the leader has ended, waiting for it.

        Not `Process.wait` alone: from Python 3.12 on that also waits for the pipes, which a
        grandchild may hold.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        while self.code is None and asyncio.get_running_loop().time() < deadline:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(_POLL_S, within_s)):
                    await self._process.wait()
        return self.code is not None

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Runner:
    """Owns every process it starts; leaving its `async with` block ends them all.

    A request may be dropped without its `finally` blocks, and the site itself may be killed: so
    the owner ends what runs, and the keeper ends it where the owner could not.
    """

    def __init__(self) -> None:
        self._children: set[Child] = set()
        self._keeper: Process | None = None

    async def __aenter__(self) -> Self:
        self._keeper = await asyncio.create_subprocess_exec(
            sys.executable, "-ISE", keeper.__file__, stdin=PIPE, start_new_session=True
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(child.stop(GRACE_S / 4) for child in self._children))
        if self._keeper and self._keeper.stdin:
            for child in self._children:
                self._tell(f"-{child.pid}")
            self._keeper.stdin.close()
            await self._keeper.wait()

    async def start(self, argv: Sequence[str], env: Mapping[str, str], folder: Path) -> Child:
        """Start a program in a group of its own, with exactly these variables.

        `argv` goes to the kernel as it is: no shell, no globbing. Raises: ToolMissing.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                env=dict(env),
                cwd=folder,
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            raise ToolMissing(f"{argv[0]} cannot be started: {error.strerror}.") from error
        child = Child(process)
        self._children.add(child)
        self._tell(f"+{child.pid}")
        return child

    def forget(self, child: Child) -> None:
        """Let go of a child that has ended."""
        self._children.discard(child)
        self._tell(f"-{child.pid}")

    def _tell(self, line: str) -> None:
        if self._keeper and self._keeper.stdin and self._keeper.returncode is None:
            with suppress(ConnectionError):
                self._keeper.stdin.write(f"{line}\n".encode())
