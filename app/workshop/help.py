"""Help: one line of text, a place in the queue, an answer. It never blocks what a learner does.

A request is over when it is answered, when the learner takes it back, and by itself when its step
passes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Busy, NotFound
from app.store.engine import Store
from app.store.room_tables import HelpRow
from app.store.whole import whole
from app.workshop.log import Log, take_turn
from app.workshop.model import Help, StepKey
from app.workshop.names import clean_line
from app.workshop.rows import help_of, member_row, open_help_rows, open_helps

MOST: Final = 200  # characters: one line on the instructor's screen
MOST_REPLY: Final = 1000


class HelpQueue:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, log: Log, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._clock = clock

    @whole
    async def ask(self, member: str, step: StepKey, text: str) -> Help:
        """Ask; return the request with its place. Raises: Refused, Busy where one waits, NotFound.

        The text may be empty: "come here" needs no words.
        """
        text = clean_line(text or "Please come.", MOST, "question")
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            waiting = await open_help_rows(session, room)
            if any(row.member == member for row in waiting):
                raise Busy(
                    "You have asked already.", hint="Take that back first, or wait for your turn."
                )
            row = HelpRow(
                room=room,
                member=member,
                lesson=step[0],
                step=step[1],
                text=text,
                asked=self._clock(),
                reply="",
            )
            session.add(row)
            await session.flush()
            await self._log.append(
                session,
                room,
                "help.asked",
                actor=member,
                help=row.id,
                lesson=step[0],
                step=step[1],
                text=text,
            )
            return help_of(row, len(waiting) + 1)

    @whole
    async def answer(self, help_id: int, reply: str, *, actor: str) -> Help:
        """Answer one, with a line or without: the instructor may have been there. Raises: NotFound,
        Busy where it is over, Refused.
        """
        reply = clean_line(reply, MOST_REPLY, "answer") if reply else ""
        async with self._store.session() as session:
            room = (await _row(session, help_id)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await _row(session, help_id)
            if row.answered or row.withdrawn:
                raise Busy("This request is over already.")
            row.answered, row.reply = self._clock(), reply
            await self._log.append(
                session,
                room,
                "help.answered",
                actor=actor,
                subject=row.member,
                help=row.id,
                text=reply,
            )
            return help_of(row, 0)

    @whole
    async def withdraw(self, member: str) -> None:
        """Take back what the member asked, if anything waits."""
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            await self._end(session, room, member, by_itself=False)

    async def step_passed(
        self, session: AsyncSession, room: str, member: str, step: StepKey
    ) -> None:
        """Withdraw what was asked of a step that has just passed, in that transaction."""
        for row in await open_help_rows(session, room):
            if row.member == member and (row.lesson, row.step) == step:
                await self._end(session, room, member, by_itself=True)

    @whole
    async def queue(self, room: str) -> list[Help]:
        """Return what waits for an answer, in order; the first has place 1."""
        async with self._store.session() as session:
            return await open_helps(session, room)

    @whole
    async def of(self, member: str) -> Help | None:
        """Return what the member asked last: still in the queue, or how it ended."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(HelpRow).where(HelpRow.member == member).order_by(HelpRow.id.desc()).limit(1)
            )
            row = found.first()
            if row is None:
                return None
            waiting = [each.id for each in await open_help_rows(session, row.room)]
            return help_of(row, waiting.index(row.id) + 1 if row.id in waiting else 0)

    async def _end(self, session: AsyncSession, room: str, member: str, *, by_itself: bool) -> None:
        for row in await open_help_rows(session, room):
            if row.member == member:
                row.withdrawn = self._clock()
                await self._log.append(
                    session, room, "help.withdrawn", actor=member, help=row.id, by_itself=by_itself
                )


async def _row(session: AsyncSession, help_id: int) -> HelpRow:
    row = await session.get(HelpRow, help_id)
    if row is None:
        raise NotFound("There is no such request for help.")
    return row
