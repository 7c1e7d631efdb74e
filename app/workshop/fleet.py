"""The sandboxes that are up or starting, in memory: started a few at a time, renewed, counted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.workshop.capacity import Capacity, capacity, most
from app.workshop.memory import Memory
from app.workshop.reserve import Make, Reserve, Sandbox

AT_ONCE: Final = 2  # starts: each keeps a processor busy
STOPS: Final = 4  # at once: each has some seconds to write its state, and a room ends all of them

Work = Callable[[], Awaitable[None]]


@dataclass
class Berth:
    """One member's sandbox; `since` is the loop's time at which it was up, or begun."""

    name: str
    sandbox: Sandbox
    since: float
    starting: asyncio.Task[None] | None = None

    @property
    def is_starting(self) -> bool:
        """Whether its start is under way."""
        return self.starting is not None and not self.starting.done()


class Fleet:
    """What runs now, by member; `reserve` is what runs for nobody yet."""

    def __init__(self, folder: Path, make: Make, memory: Callable[[], Memory]) -> None:
        self.folder = folder
        self.reserve = Reserve(folder, make)
        self.berths: dict[str, Berth] = {}
        self._make = make
        self._memory = memory
        self._total = 0
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._stops = asyncio.Semaphore(STOPS)

    def make(self, name: str) -> Sandbox:
        """Return the sandbox of a folder, whether it runs or not."""
        return self._make(self.folder / name)

    def measure(self) -> None:
        """Compute how many there may be; while nothing is starting, since that takes memory."""
        self._total = most(self._memory(), len(self.berths) + self.reserve.count)

    def capacity(self) -> Capacity:
        """Return how many there may be, are, and may still start; the reserve counts as free."""
        kept = self.reserve.count
        found = capacity(self._total, len(self.berths) + kept, self._memory())
        return Capacity(self._total, len(self.berths), found.free + kept, found.why)

    def room(self) -> int:
        """Return for how many members there is one now, ready or to be started."""
        return self.free() + self.reserve.ready

    def free(self) -> int:
        """Return how many may be started now beside all that are there."""
        used = len(self.berths) + self.reserve.count
        return capacity(self._total, used, self._memory()).free

    def up(self, member: str) -> Path | None:
        """Return the folder of a member's sandbox where it runs, else None."""
        berth = self.berths.get(member)
        if berth is None or berth.is_starting or berth.sandbox.running() is None:
            return None
        return self.folder / berth.name

    def dead(self) -> list[str]:
        """Return whose sandboxes have ended without having been asked to."""
        return [
            member
            for member, berth in self.berths.items()
            if not berth.is_starting and berth.sandbox.running() is None
        ]

    def moor(self, member: str, name: str, sandbox: Sandbox) -> Berth:
        """Give a sandbox to a member."""
        berth = Berth(name, sandbox, asyncio.get_running_loop().time())
        self.berths[member] = berth
        return berth

    def launch(self, member: str, after: Work, failed: Work) -> asyncio.Task[None]:
        """Begin to start a member's sandbox; return the work, which raises what the start raises.

        `after` belongs to it; `failed` is done where any of it did not succeed, and the sandbox is
        no longer the member's then.
        """
        berth = self.berths[member]

        async def start() -> None:
            try:
                async with self._turns:
                    await berth.sandbox.start()
                await after()
            except Exception:
                self.berths.pop(member, None)
                await failed()
                raise
            berth.since = asyncio.get_running_loop().time()

        def look(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled():
                ended.exception()  # whoever asked may be gone

        berth.starting = asyncio.create_task(start())
        berth.starting.add_done_callback(look)
        return berth.starting

    async def stop(self, member: str) -> None:
        """End a member's sandbox, whose start is awaited first; its state is kept."""
        berth = self.berths.get(member)
        if berth is None:
            return
        if berth.starting is not None:
            await asyncio.gather(berth.starting, return_exceptions=True)
        self.berths.pop(member, None)
        async with self._stops:
            await berth.sandbox.stop()

    def renew(self) -> None:
        """Renew all leases."""
        self.reserve.renew()
        for berth in self.berths.values():
            berth.sandbox.renew()

    async def close(self) -> None:
        """Give up what is starting; what runs goes on by its lease."""
        starting = [each.starting for each in self.berths.values() if each.starting]
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        await self.reserve.close()
        await asyncio.gather(*(berth.sandbox.close() for berth in self.berths.values()))
