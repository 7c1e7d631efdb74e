"""What an instructor does to a room. Each act is one transaction with its entry in the log."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.content.model import Course
from app.errors import Refused
from app.store.engine import Store
from app.store.room_tables import RoomRow, RoomStepRow
from app.store.whole import whole
from app.workshop.help import HelpQueue
from app.workshop.log import Log, take_turn
from app.workshop.model import Help, Note, Room, StepKey
from app.workshop.notes import Notes
from app.workshop.outline import outline
from app.workshop.rooms import MOST_SEATS, Rooms
from app.workshop.roster import Roster
from app.workshop.rows import room_of, room_row

Mark = Literal["step.opened", "step.closed", "solution.revealed"]


class Sandboxes(Protocol):
    """The sandboxes of members, as far as an instructor touches them (`seats.Seats`)."""

    async def reset(self, member: str, *, actor: str) -> None: ...
    async def restore(self, member: str, *, actor: str) -> None: ...
    async def end_room(self, room: str) -> None: ...


class Acts:
    """Every act names who does it, and raises StoreUnavailable when the database fails."""

    def __init__(
        self,
        store: Store,
        log: Log,
        course: Course,
        rooms: Rooms,
        roster: Roster,
        notes: Notes,
        helps: HelpQueue,
        clock: Callable[[], datetime],
        *,
        sandboxes: Sandboxes | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._course = course
        self._rooms = rooms
        self._roster = roster
        self._notes = notes
        self._helps = helps
        self._clock = clock
        self._sandboxes = sandboxes

    async def broadcast(
        self, room: str, text: str, *, actor: str, expires: datetime | None = None
    ) -> Note:
        """Show a note on all pages. Raises: NotFound, Refused."""
        return await self._notes.send(room, text, actor=actor, expires=expires)

    async def answer(self, help_id: int, reply: str, *, actor: str) -> Help:
        """Answer a request for help. Raises: NotFound, Busy, Refused."""
        return await self._helps.answer(help_id, reply, actor=actor)

    async def open_steps(self, room: str, steps: Collection[StepKey], *, actor: str) -> Room:
        """Open steps to everybody; one that is open stays so. Raises: NotFound."""
        return await self._mark(room, steps, actor, "step.opened")

    async def close_steps(self, room: str, steps: Collection[StepKey], *, actor: str) -> Room:
        """Close steps again. Raises: NotFound."""
        return await self._mark(room, steps, actor, "step.closed")

    async def reveal(self, room: str, step: StepKey, *, actor: str) -> Room:
        """Let everybody see a step's solution. Raises: NotFound."""
        return await self._mark(room, [step], actor, "solution.revealed")

    @whole
    async def pause(self, room: str, *, actor: str) -> Room:
        """Stop commands and checks of all learners; pages stay. Raises: NotFound."""
        async with self._store.writing() as session:
            row = await self._open(session, room)
            if not row.is_paused:
                row.is_paused = True
                await self._log.append(session, room, "room.paused", actor=actor)
        return await self._rooms.get(room)

    @whole
    async def resume(self, room: str, *, actor: str) -> Room:
        """Let everybody go on. Raises: NotFound."""
        async with self._store.writing() as session:
            row = await self._open(session, room)
            if row.is_paused:
                row.is_paused = False
                await self._log.append(session, room, "room.resumed", actor=actor)
        return await self._rooms.get(room)

    @whole
    async def extend(self, room: str, ends: datetime | None, *, actor: str) -> Room:
        """Move the end; None: it ends when it is closed. A closed room opens again by it.

        Raises: NotFound, Refused where the end is in the past or the names are gone.
        """
        if ends is not None and ends <= self._clock():
            raise Refused("The new end is in the past.", hint="Close the room instead.")
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await room_row(session, room)
            if row.erased is not None:
                raise Refused("The personal data of this room are deleted: nobody could go on.")
            row.ends, row.closed = ends, None
            await self._log.append(
                session, room, "room.extended", actor=actor, ends=ends.isoformat() if ends else None
            )
        return await self._rooms.get(room)

    @whole
    async def enlarge(self, room: str, capacity: int, *, actor: str) -> Room:
        """Change the number of seats; who waits is admitted. Nobody is put out by fewer.

        Raises: NotFound, Refused.
        """
        if not 1 <= capacity <= MOST_SEATS:
            raise Refused(f"A room has between 1 and {MOST_SEATS} seats.")
        async with self._store.writing() as session:
            row = await self._open(session, room)
            row.capacity = capacity
            await self._log.append(session, room, "room.enlarged", actor=actor, capacity=capacity)
        await self._roster.admit(room)
        return await self._rooms.get(room)

    @whole
    async def close(self, room: str, *, actor: str) -> Room:
        """End the room: its sandboxes end, its pages stay readable. Raises: NotFound."""
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await room_row(session, room)
            if row.closed is None:
                row.closed, row.is_paused = self._clock(), False
                await self._log.append(session, room, "room.closed", actor=actor)
        if self._sandboxes:
            await self._sandboxes.end_room(room)
        return await self._rooms.get(room)

    async def reset_sandbox(self, member: str, *, actor: str) -> None:
        """Give a member an empty sandbox. Raises: Refused, ClusterUnavailable, NotFound."""
        await self._its_sandboxes().reset(member, actor=actor)

    async def restore_sandbox(self, member: str, *, actor: str) -> None:
        """Start a member's sandbox from its last snapshot. Raises: as `reset_sandbox`."""
        await self._its_sandboxes().restore(member, actor=actor)

    async def _mark(
        self,
        room: str,
        steps: Collection[StepKey],
        actor: str,
        kind: Mark,
    ) -> Room:
        way = outline(self._course, (await self._rooms.get(room)).plan)
        for step in steps:
            way.require(step)
        await self._write(room, [key for key in way.keys if key in steps], actor, kind)
        return await self._rooms.get(room)

    @whole
    async def _write(
        self,
        room: str,
        steps: Collection[StepKey],
        actor: str,
        kind: Mark,
    ) -> None:
        async with self._store.writing() as session:
            await self._open(session, room)
            for lesson, step in steps:
                row = await session.get(RoomStepRow, (room, lesson, step))
                if row is None:
                    row = RoomStepRow(room=room, lesson=lesson, step=step)
                    session.add(row)
                if _change(row, kind, self._clock()):
                    await self._log.append(
                        session, room, kind, actor=actor, lesson=lesson, step=step
                    )

    async def _open(self, session: AsyncSession, room: str) -> RoomRow:
        """Take the room's turn. Raises: Refused where it has ended."""
        await take_turn(session, room)
        row = await room_row(session, room)
        if room_of(row, ()).is_over(self._clock()):
            raise Refused("This workshop has ended.", hint="Extend it first, if it should go on.")
        return row

    def _its_sandboxes(self) -> Sandboxes:
        if self._sandboxes is None:
            raise Refused("The learners of this room have clusters of their own.")
        return self._sandboxes


def _change(row: RoomStepRow, kind: Mark, now: datetime) -> bool:
    """Change a step's row, and return whether it was otherwise before."""
    before = (row.opened is not None, row.revealed is not None)
    if kind == "step.opened":
        row.opened = row.opened or now
    elif kind == "step.closed":
        row.opened = None
    else:
        row.revealed = row.revealed or now
    return before != (row.opened is not None, row.revealed is not None)
