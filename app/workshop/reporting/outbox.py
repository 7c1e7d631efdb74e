"""What waits to be sent to the room: kept in the transaction of the attempt that it tells of."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import event as listening
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.bus import Bus
from app.progress.model import Attempt
from app.store.engine import Store
from app.store.room_tables import OutboxRow
from app.store.whole import whole
from app.workshop.reporting.entry import MOST_ENTRIES, Entry, entry_of

TOPIC: Final = "outbox"  # of the bus: something new waits


class Outbox:
    """The entries for one room, by its link. Raises StoreUnavailable when the database fails.

    It keeps the Protocol `app.progress.queries.Witness`.
    """

    def __init__(self, store: Store, bus: Bus, link: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._link = link
        self._clock = clock

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Add an attempt that came to a verdict to what is sent."""
        if attempt.passed is not None:
            await self._add(session, entry_of(await self._next(session), attempt))

    @whole
    async def opened(self, lesson: str, step: str) -> None:
        """Add that a step was opened: the board shows where the learner is."""
        async with self._store.writing() as session:
            await self._wait_for_turn(session)
            seq = await self._next(session)
            at = self._clock()
            await self._add(session, Entry(seq=seq, kind="opened", at=at, lesson=lesson, step=step))

    @whole
    async def waiting(self, limit: int = MOST_ENTRIES) -> Sequence[Entry]:
        """Return what was not taken yet, oldest first, `limit` at the most."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(OutboxRow)
                .where(OutboxRow.link == self._link, OutboxRow.sent.is_(None))
                .order_by(OutboxRow.seq)
                .limit(limit)
            )
            return [Entry.model_validate({"seq": row.seq, **row.entry}) for row in found]

    @whole
    async def taken(self, seqs: Sequence[int]) -> None:
        """Record that the room has these."""
        async with self._store.writing() as session:
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.link == self._link, OutboxRow.seq.in_(seqs))
                .values(sent=self._clock())
            )

    async def _wait_for_turn(self, session: AsyncSession) -> None:
        """Become the database's one writer, so that the next number is nobody else's."""
        nothing = update(OutboxRow).where(OutboxRow.link == self._link, OutboxRow.seq == 0)
        await session.execute(nothing.values(seq=0))

    async def _next(self, session: AsyncSession) -> int:
        newest = await session.scalar(
            select(func.max(OutboxRow.seq)).where(OutboxRow.link == self._link)
        )
        return (newest or 0) + 1

    async def _add(self, session: AsyncSession, entry: Entry) -> None:
        session.add(
            OutboxRow(
                link=self._link,
                seq=entry.seq,
                at=entry.at,
                entry=entry.model_dump(mode="json", exclude={"seq"}),
            )
        )

        def publish(_session: Session) -> None:
            self._bus.publish(TOPIC, entry.seq)

        listening.listen(session.sync_session, "after_commit", publish, once=True)
