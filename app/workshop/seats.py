"""The sandboxes of members: one each, started when needed, never more than the machine can hold.

`seat(member)` is asked whenever a member's cluster is: it returns the folder of a sandbox that is
up, or says in which place of the queue the member waits. `tend` looks after all of them, time and
again: leases, sandboxes that died, idle ones (stopped, with their state kept), who waits, and the
reserve. `MemberSandbox` (member_sandbox.py) is what a member's workplace sees of it.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from app.clusters.sandbox import RENEW_S
from app.errors import AppError, ClusterUnavailable, NotFound, Refused
from app.workshop.capacity import Capacity
from app.workshop.fleet import Fleet
from app.workshop.memory import Memory, read_memory
from app.workshop.model import SITE, EventKind
from app.workshop.presence import Presence
from app.workshop.reserve import Make
from app.workshop.seat_rows import Seat, SeatRows, new_folder, waiting

RESERVE: Final = 2  # learners come in one by one; a start takes about as long as reading a page
IDLE_S: Final = 15 * 60.0
IDLE_CROWDED_S: Final = 2 * 60.0  # where somebody waits for a seat
HERE_S: Final = 2 * 60.0  # who was away for longer keeps the place, and lets others pass
TEND_S: Final = 3.0
DEATHS: Final = 3  # of one member's sandbox, in this site's life; then somebody has to look


class Seats:
    """Open it with `async with`: that takes over what runs, and begins to tend."""

    def __init__(
        self,
        rows: SeatRows,
        folder: Path,
        make: Make,
        presence: Presence,
        *,
        memory: Callable[[], Memory] = read_memory,
        reserve: int = RESERVE,
        tend_s: float = TEND_S,
    ) -> None:
        self._rows = rows
        self._presence = presence
        self._want = reserve
        self._tend_s = tend_s
        self._fleet = Fleet(folder, make, memory)
        self._deaths: Counter[str] = Counter()
        self._turn = asyncio.Lock()
        self._tending: asyncio.Task[None] | None = None
        self._renewed_at = float("-inf")

    async def __aenter__(self) -> Self:
        await self._take_over()
        self._fleet.measure()
        self._tending = asyncio.create_task(self._tend_always())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave the sandboxes running: the next site takes them over, or their lease ends them."""
        if self._tending:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        await self._fleet.close()

    def capacity(self) -> Capacity:
        """Return how many sandboxes this machine can hold; the reserve counts as free."""
        return self._fleet.capacity()

    async def seat(self, member: str) -> Path:
        """Return the folder of the member's sandbox, which runs then.

        Raises: ClusterUnavailable where it does not start, or others are first: the message says
        in which place the member waits. Refused where the room gives it none.
        """
        if (folder := self._fleet.up(member)) is not None:
            return folder
        async with self._turn:
            berth = self._fleet.berths.get(member)
            starting = berth.starting if berth and berth.is_starting else None
            if starting is None and self._fleet.up(member) is None:
                starting = await self._begin(member)
        if starting is not None:
            await asyncio.shield(starting)
        if (folder := self._fleet.up(member)) is not None:
            return folder
        raise ClusterUnavailable("The sandbox has just ended.", hint="Try again.")

    async def place(self, member: str) -> int:
        """Return the member's place in the queue for a sandbox; 0 where it does not wait."""
        queue = waiting(await self._rows.all())
        return queue.index(member) + 1 if member in queue else 0

    async def reset(self, member: str, *, actor: str) -> None:
        """Give the member an empty sandbox. Raises: NotFound, ClusterUnavailable."""
        await self._again(member, "sandbox.reset", actor)

    async def restore(self, member: str, *, actor: str) -> None:
        """Start the member's sandbox anew from its snapshot. Raises: NotFound, ClusterUnavailable.

        One that runs is stopped first, which makes a new snapshot; one that died has its last one.
        """
        await self._again(member, "sandbox.restored", actor)

    async def rest(self, member: str) -> None:
        """Stop a member's sandbox and keep its state; who waits is next."""
        async with self._turn:
            await self._stop(member)

    async def end_room(self, room: str) -> None:
        """Stop all sandboxes of a room; their state is kept until it is erased."""
        async with self._turn:
            seats = [seat for seat in await self._rows.all() if seat.room == room]
            await asyncio.gather(*(self._stop(seat.member) for seat in seats))
            for member in waiting(seats):
                await self._rows.put(member, "idle", "sandbox.stopped", actor=SITE)

    async def erase(self, member: str) -> None:
        """End a member's sandbox and delete its folder: nothing of it is left."""
        async with self._turn:
            seat = await self._rows.get(member)
            if seat is None:
                return
            await self._fleet.stop(member)
            await self._fleet.make(seat.folder).stop()
            folder = self._fleet.folder / seat.folder
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            await self._rows.delete(member)

    async def tend(self) -> None:
        """Look after everything once. Raises: StoreUnavailable."""
        self._renew()
        async with self._turn:
            await self._mourn()
            queue = self._here(waiting(await self._rows.all()))
            await self._rest_idle(IDLE_CROWDED_S if queue else IDLE_S)
            for member in queue[: self._fleet.room()]:
                await self._promote(member)
            if not queue:
                wanted = min(self._want, await self._rows.wanted())
                self._fleet.reserve.refill(wanted, self._fleet.free())
                if self._fleet.reserve.ready > wanted:
                    await self._fleet.reserve.shrink()

    async def _tend_always(self) -> None:
        while True:
            with suppress(AppError):  # such as a database that is locked: the next time comes soon
                await self.tend()
            await asyncio.sleep(self._tend_s)

    async def _promote(self, member: str) -> None:
        """Begin to start the sandbox of one who waits, or end the wait that leads nowhere."""
        if await self._rows.may_have_one(member):
            await self._begin(member)
        else:
            await self._rows.put(member, "idle", "sandbox.stopped", actor=SITE)

    async def _begin(self, member: str) -> asyncio.Task[None]:
        """Begin to start a member's sandbox; the caller has the turn. Raises: as `seat`."""
        if not await self._rows.may_have_one(member):
            raise Refused("This workshop gives you no sandbox now.", hint="It may have ended.")
        seats = await self._rows.all()
        seat = next((each for each in seats if each.member == member), None)
        ahead = self._here(waiting(seats), but=member)
        place = ahead.index(member) if member in ahead else len(ahead)
        if place >= self._fleet.room():
            if seat is None or seat.state != "waiting":
                await self._rows.put(member, "waiting", "sandbox.waiting", actor=SITE)
            raise ClusterUnavailable(
                "All sandboxes of this machine are in use. You are number "
                f"{place + 1} in the queue.",
                hint="Yours starts by itself when one is free; you can read on meanwhile.",
            )
        return await self._give(member, seat)

    async def _give(self, member: str, seat: Seat | None) -> asyncio.Task[None]:
        has_own = seat is not None and (self._fleet.folder / seat.folder).is_dir()
        taken = None if has_own else self._fleet.reserve.take()
        is_ready = taken is not None
        if taken is None:
            if self._fleet.free() < 1:
                await self._fleet.reserve.shrink()
            name = seat.folder if seat else new_folder()
            taken = name, self._fleet.make(name)
        self._fleet.moor(member, *taken)
        kind: EventKind = "sandbox.resumed" if has_own else "sandbox.started"
        return self._launch(member, kind, SITE, is_ready=is_ready)

    async def _again(self, member: str, kind: EventKind, actor: str) -> None:
        async with self._turn:
            seat = await self._rows.get(member)
            if seat is None:
                raise NotFound("This learner has had no sandbox yet.")
            await self._fleet.stop(member)
            sandbox = self._fleet.make(seat.folder)
            if kind == "sandbox.reset":
                await sandbox.reset()
            self._deaths.pop(member, None)
            if self._fleet.room() < 1 or not await self._rows.may_have_one(member):
                await self._rows.put(member, "idle", kind, actor=actor)
                return
            if self._fleet.free() < 1:
                await self._fleet.reserve.shrink()
            self._fleet.moor(member, seat.folder, sandbox)
            starting = self._launch(member, kind, actor)
        await asyncio.shield(starting)

    def _launch(
        self, member: str, kind: EventKind, actor: str, *, is_ready: bool = False
    ) -> asyncio.Task[None]:
        name = self._fleet.berths[member].name

        async def up() -> None:
            await self._rows.put(member, "up", kind, actor=actor, folder=name, was_ready=is_ready)

        async def failed() -> None:
            await self._rows.put(member, "died", "sandbox.died", actor=SITE, folder=name)

        return self._fleet.launch(member, up, failed)

    async def _stop(self, member: str) -> None:
        if member in self._fleet.berths:
            await self._fleet.stop(member)
            await self._rows.put(member, "idle", "sandbox.stopped", actor=SITE)

    async def _mourn(self) -> None:
        """Tell of sandboxes that died, and start them again from what was kept of them."""
        for member in self._fleet.dead():
            berth = self._fleet.berths.pop(member)
            self._deaths[member] += 1
            await self._rows.put(member, "died", "sandbox.died", actor=SITE)
            is_hopeless = self._deaths[member] >= DEATHS
            if is_hopeless or not await self._rows.may_have_one(member):
                continue
            has_state = (self._fleet.folder / berth.name / "snapshot.json").exists()
            self._fleet.moor(member, berth.name, berth.sandbox)
            self._launch(member, "sandbox.restored" if has_state else "sandbox.reset", SITE)

    async def _rest_idle(self, idle_s: float) -> None:
        now = asyncio.get_running_loop().time()
        for member, berth in list(self._fleet.berths.items()):
            away_s = min(self._presence.away_s(member), now - berth.since)
            if not berth.is_starting and away_s > idle_s:
                await self._stop(member)

    async def _take_over(self) -> None:
        """Take over what an earlier site left; folders that belong to nobody and sleep go."""
        seats = {seat.folder: seat for seat in await self._rows.all()}
        folders = self._fleet.folder.iterdir() if self._fleet.folder.is_dir() else ()
        for folder in sorted(folders):
            sandbox, seat = self._fleet.make(folder.name), seats.get(folder.name)
            if sandbox.running() is not None:
                sandbox.renew()
                if seat is None:
                    self._fleet.reserve.adopt(folder.name, sandbox)
                else:
                    self._fleet.moor(seat.member, folder.name, sandbox)
            elif seat is None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        for seat in seats.values():
            if seat.state == "up" and seat.member not in self._fleet.berths:
                await self._rows.put(seat.member, "idle", "sandbox.stopped", actor=SITE)

    def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed_at >= RENEW_S:
            self._renewed_at = now
            self._fleet.renew()

    def _here(self, members: Sequence[str], but: str = "") -> list[str]:
        """Return who of these is here; one that asks is here by that."""
        return [each for each in members if each == but or self._presence.away_s(each) < HERE_S]
