"""Personal data go when their time is over, or at once: what is left names nobody.

Names, e-mail addresses, personal links, typed lines with what they printed, drafts, evidence and
texts of help are deleted; when which step passed stays, under "Learner 7".
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.store.engine import Store
from app.store.room_tables import EventRow, HelpRow, MemberRow, NoteRow
from app.store.tables import AttemptRow, ChoiceRow, DraftRow, LearnerRow, RunRow
from app.store.whole import whole
from app.workshop.codes import digest, new_token
from app.workshop.log import Log, take_turn
from app.workshop.model import SITE
from app.workshop.rooms import Rooms
from app.workshop.rows import member_row, room_row

TEXTS: Final = ("text", "message")  # of an event's data: what somebody typed, or what was seen
UNSAID: Final = {"message": "", "look": "", "evidence": []}  # of a result; its verdict stays

EndSandbox = Callable[[str], Awaitable[None]]


class Erasure:
    """`runs` is the folder of Runs, `members` one with a folder for each member, by id.

    Every method raises StoreUnavailable when the database fails.
    """

    def __init__(
        self,
        store: Store,
        log: Log,
        rooms: Rooms,
        runs: Path,
        clock: Callable[[], datetime],
        *,
        members: Path | None = None,
        end_sandbox: EndSandbox | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._rooms = rooms
        self._runs = runs
        self._folders = members
        self._clock = clock
        self._end_sandbox = end_sandbox

    async def erase_member(self, member: str, *, actor: str) -> None:
        """Delete all that names a member, now. Raises: NotFound.

        The tables come last: where this is cut off, the next time begins with the same member.
        """
        runs = await self._put_out(member, actor)
        if self._end_sandbox:
            await self._end_sandbox(member)
        await asyncio.to_thread(self._remove_files, member, runs)
        await self._erase(member, actor)

    async def erase_room(self, room: str, *, actor: str) -> None:
        """Delete all that names anybody in a room; a room that goes on is closed by it.

        Raises: NotFound.
        """
        for member in await self._members(room):
            await self.erase_member(member, actor=actor)
        await self._erase_room(room, actor)

    async def erase_due(self) -> list[str]:
        """Erase the rooms whose time is over, and return them: at every start and every day."""
        now = self._clock()
        due = [room for room in await self._rooms.all() if not room.erased and room.erase_due(now)]
        for room in due:
            await self.erase_room(room.id, actor=SITE)
        return [room.id for room in due]

    @whole
    async def _members(self, room: str) -> Sequence[str]:
        async with self._store.session() as session:
            await room_row(session, room)
            found = await session.scalars(
                select(MemberRow.id).where(MemberRow.room == room, MemberRow.erased.is_(None))
            )
            return found.all()

    @whole
    async def _put_out(self, member: str, actor: str) -> Sequence[str]:
        """Let the member act no more, and return the runs that there are. Raises: NotFound."""
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            row.gone = row.gone or self._clock()
            row.resume_digest = digest(new_token())
            await self._log.append(session, room, "member.left", actor=actor, subject=member)
            found = await session.scalars(select(RunRow.id).where(RunRow.learner == member))
            return found.all()

    @whole
    async def _erase(self, member: str, actor: str) -> None:
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            row.name, row.email = f"Learner {row.number}", ""
            row.name_key = f"\x1f{member}"  # a control character: no name has this key
            row.consents_terminal, row.erased = False, self._clock()
            statement = update(LearnerRow).where(LearnerRow.id == member)
            await session.execute(statement.values(name=row.name))
            await self._scrub(session, room, member)
            await self._log.append(session, room, "member.erased", actor=actor, subject=member)

    async def _scrub(self, session: AsyncSession, room: str, member: str) -> None:
        for table in (DraftRow, ChoiceRow, RunRow):
            await session.execute(delete(table).where(table.learner == member))
        await session.execute(
            update(HelpRow).where(HelpRow.member == member).values(text="", reply="")
        )
        found = await session.scalars(
            select(EventRow).where(
                EventRow.room == room, or_(EventRow.actor == member, EventRow.subject == member)
            )
        )
        for told in found:
            told.data = {name: "" if name in TEXTS else v for name, v in told.data.items()}
        attempts = await session.scalars(select(AttemptRow).where(AttemptRow.learner == member))
        for attempt in attempts:
            attempt.results = [{**result, **UNSAID} for result in attempt.results]

    @whole
    async def _erase_room(self, room: str, actor: str) -> None:
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await room_row(session, room)
            row.closed = row.closed or self._clock()
            row.erased = row.erased or self._clock()
            await session.execute(
                update(NoteRow).where(NoteRow.room == room).values(text="", expires=self._clock())
            )
            told = await session.scalars(
                select(EventRow).where(EventRow.room == room, EventRow.kind == "note.sent")
            )
            for note in told:
                note.data = {}
            await self._log.append(session, room, "room.erased", actor=actor)

    def _remove_files(self, member: str, runs: Sequence[str]) -> None:
        """Remove what runs printed, and their work. The layout is that of `commands.runs`."""
        for run in runs:
            (self._runs / "lines" / f"{run}.jsonl").unlink(missing_ok=True)
            shutil.rmtree(self._runs / "work" / run, ignore_errors=True)
        if self._folders is not None:
            shutil.rmtree(self._folders / member, ignore_errors=True)
