"""Sandboxes that were started ahead of need: who joins takes one over as it runs."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from app.errors import ClusterUnavailable
from app.workshop.seat_rows import new_folder

WAIT_S: Final = 60.0  # after one that did not start: the next would fail for the same reason


class Sandbox(Protocol):
    """One sandbox in its folder (`app.clusters.sandbox.SandboxProvider`)."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def reset(self) -> None: ...
    async def close(self) -> None: ...
    def running(self) -> object | None: ...
    def renew(self) -> None: ...


Make = Callable[[Path], Sandbox]


class Reserve:
    """Starts one at a time, so that learners who wait for theirs come first."""

    def __init__(self, folder: Path, make: Make) -> None:
        self._folder = folder
        self._make = make
        self._ready: dict[str, Sandbox] = {}
        self._starting: asyncio.Task[None] | None = None
        self._failed_at = float("-inf")

    @property
    def count(self) -> int:
        """How many there are, the one that is starting included."""
        is_starting = self._starting is not None and not self._starting.done()
        return len(self._ready) + is_starting

    @property
    def ready(self) -> int:
        """How many can be taken over now."""
        return len(self._ready)

    def adopt(self, name: str, sandbox: Sandbox) -> None:
        """Keep one that an earlier site left running, and that belongs to nobody."""
        self._ready[name] = sandbox

    def refill(self, want: int, free: int) -> None:
        """Begin to start one where fewer than `want` are there, and the machine has room for it."""
        now = asyncio.get_running_loop().time()
        if self._starting is not None and not self._starting.done():
            return
        if self.count < want and free > 0 and now - self._failed_at > WAIT_S:
            self._starting = asyncio.create_task(self._start())

    def take(self) -> tuple[str, Sandbox] | None:
        """Hand one over; one that died meanwhile is left out. Shape: (folder's name, sandbox)."""
        while self._ready:
            name = next(iter(self._ready))
            sandbox = self._ready.pop(name)
            if sandbox.running() is not None:
                return name, sandbox
        return None

    async def shrink(self) -> None:
        """End one: its memory is needed for somebody who comes back to an own sandbox."""
        taken = self.take()
        if taken is not None:
            await taken[1].stop()
            await asyncio.to_thread(shutil.rmtree, self._folder / taken[0], ignore_errors=True)

    def renew(self) -> None:
        """Renew the leases of all."""
        for sandbox in self._ready.values():
            sandbox.renew()

    async def close(self) -> None:
        """Give up a start that is under way; those that are ready go on, by their lease."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)

    async def end(self) -> None:
        """End all of them."""
        await self.close()
        while self._ready:
            await self.shrink()

    async def _start(self) -> None:
        name = new_folder()
        sandbox = self._make(self._folder / name)
        try:
            with suppress(ClusterUnavailable):
                await sandbox.start()
                self._ready[name] = sandbox
                return
            self._failed_at = asyncio.get_running_loop().time()
        finally:
            await sandbox.close()
