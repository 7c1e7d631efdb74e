"""The room's side of reports: each is taken once, marked as self-reported, by the room's clock."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content.model import Course
from app.errors import NotAllowed, Refused
from app.progress.model import Attempt
from app.progress.queries import Progress, Witness
from app.store.engine import Store
from app.store.room_tables import TakenRow
from app.store.whole import whole
from app.workshop.log import Log
from app.workshop.model import Room, StepKey
from app.workshop.outline import outline
from app.workshop.reporting.entry import Batch, Entry
from app.workshop.rooms import Rooms
from app.workshop.roster import Roster


class Intake:
    """Takes batches. Raises StoreUnavailable when the database fails; the lab sends again then."""

    def __init__(
        self,
        store: Store,
        log: Log,
        course: Course,
        rooms: Rooms,
        roster: Roster,
        witness: Witness,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._log = log
        self._course = course
        self._rooms = rooms
        self._roster = roster
        self._witness = witness
        self._clock = clock
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, member: str, batch: Batch) -> int:
        """Take what is new of a batch; return how many entries that were.

        A batch that was cut off is taken as far as it got, and the rest when it comes again.
        Raises: NotAllowed (the room has ended, or takes none), NotFound; Refused where an entry is
        of no step of this room.
        """
        who = await self._roster.member(member)
        room = await self._rooms.get(who.room)
        if who.has_left or room.is_over(self._clock()):
            raise NotAllowed("This workshop has ended, or you have left it.")
        if not who.is_self_reported or not room.plan.takes_self_reported:
            raise NotAllowed("This room takes no results of clusters that it cannot look at.")
        known = self._steps(room)
        entries = sorted(batch.entries, key=lambda entry: entry.seq)
        for entry in entries:
            self._examine(entry, known)
        async with self._turns[member]:
            taken = await self._taken(member)
            fresh = {entry.seq: entry for entry in reversed(entries) if entry.seq not in taken}
            for seq in sorted(fresh):
                await self._take(member, fresh[seq])
            if fresh:
                first, last = min(fresh), max(fresh)
                await self._log.note(
                    room.id, "report.taken", actor=member, first=first, last=last, new=len(fresh)
                )
        return len(fresh)

    def _steps(self, room: Room) -> dict[StepKey, frozenset[str]]:
        """Return what may be reported. Shape: {step: ids of its checks}."""
        return {
            stop.key: frozenset(spec.id for spec in stop.step.checks)
            for stop in outline(self._course, room.plan).stops
        }

    def _examine(self, entry: Entry, known: dict[StepKey, frozenset[str]]) -> None:
        checks = known.get((entry.lesson, entry.step))
        told = [result.check for result in entry.results]
        if checks is None or not checks.issuperset(told) or len(set(told)) != len(told):
            raise Refused(
                "This report is of a step or check that this room does not have.",
                hint="The lab and the room may have different versions of the course.",
            )
        if entry.kind == "attempt" and checks != frozenset(told):
            raise Refused("This report leaves out what the checks of its step found.")

    async def _take(self, member: str, entry: Entry) -> None:
        """Record one entry; its number is kept in the same transaction as what it tells."""
        taking = _Taking(self._witness, entry.seq, self._clock)
        progress = Progress(self._store, self._clock, taking)
        if entry.kind == "opened":
            await progress.open(member, entry.lesson, entry.step)  # twice is as good as once
            await self._note(member, entry.seq)
            return
        await progress.record(
            member,
            entry.lesson,
            entry.step,
            [result.saved() for result in entry.results],
            by_itself=entry.by_itself,
        )

    @whole
    async def _taken(self, member: str) -> frozenset[int]:
        async with self._store.session() as session:
            found = await session.scalars(select(TakenRow.seq).where(TakenRow.member == member))
            return frozenset(found)

    @whole
    async def _note(self, member: str, seq: int) -> None:
        async with self._store.writing() as session:
            await session.merge(TakenRow(member=member, seq=seq, at=self._clock()))


class _Taking:
    """Keeps the number of an entry beside the attempt that it is recorded as."""

    def __init__(self, witness: Witness, seq: int, clock: Callable[[], datetime]) -> None:
        self._witness = witness
        self._seq = seq
        self._clock = clock

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Add the number: a second one of it breaks the key, and undoes the attempt."""
        session.add(TakenRow(member=learner, seq=self._seq, at=self._clock()))
        await session.flush()
        await self._witness.saw(session, learner, attempt, newly_passed=newly_passed)
