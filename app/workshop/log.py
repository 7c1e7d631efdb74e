"""A room's log: every act in order, kept in the transaction that it tells of, told over the bus.

`append` belongs inside the session of the change itself. The bus (topic `room:<id>`) says that
something is new; whoever must miss nothing reads with `follow`, which takes it from the database.
"""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Final

from sqlalchemy import event as listening
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.bus import Bus
from app.errors import NotFound
from app.store.engine import Store
from app.store.room_tables import EventRow, RoomRow
from app.store.whole import whole
from app.workshop.model import Event, EventKind

BATCH: Final = 500  # events read at once

Scalar = str | int | float | bool | None


def topic(room: str) -> str:
    """Return the bus topic of a room's events."""
    return f"room:{room}"


class Log:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._versions: Counter[str] = Counter()

    def version(self, room: str) -> int:
        """Return a number that grows with every event of the room that this process commits.

        Nothing of a room or its members changes without one, so that what was read before it grew
        is true for as long as it has not. Several processes on one database would have to tell
        each other first, as the bus would.
        """
        return self._versions[room]

    async def append(
        self,
        /,
        session: AsyncSession,
        room: str,
        kind: EventKind,
        *,
        actor: str,
        subject: str = "",
        **data: Scalar,
    ) -> Event:
        """Add an event to the session's transaction; it is told once that is committed.

        The room's row gives the number: of two writers the second waits for the first, so that no
        number is missing and none is given twice. Raises: NotFound.
        """
        seq = await _next(session, room)
        told = Event(room, seq, self._clock(), kind, actor, subject, data)
        session.add(
            EventRow(
                room=room,
                seq=seq,
                at=told.at,
                kind=kind,
                actor=actor,
                subject=subject,
                data=dict(data),
            )
        )

        def publish(_session: Session) -> None:
            self._versions[room] += 1
            self._bus.publish(topic(room), told)

        listening.listen(session.sync_session, "after_commit", publish, once=True)
        return told

    @whole
    async def note(
        self, /, room: str, kind: EventKind, *, actor: str, subject: str = "", **data: Scalar
    ) -> Event:
        """Add an event that stands for itself. Raises: NotFound."""
        async with self._store.writing() as session:
            return await self.append(session, room, kind, actor=actor, subject=subject, **data)

    @whole
    async def since(self, room: str, seq: int, limit: int = BATCH) -> list[Event]:
        """Return the events after `seq`, oldest first, `limit` at the most."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(EventRow)
                .where(EventRow.room == room, EventRow.seq > seq)
                .order_by(EventRow.seq)
                .limit(limit)
            )
            return [_event(row) for row in found]

    async def follow(self, room: str, seq: int) -> AsyncGenerator[Event, None]:
        """Yield every event after `seq` in order, then those that come; none is lost or doubled."""
        with self._bus.subscribe(topic(room)) as news:
            while True:
                while batch := await self.since(room, seq):
                    for told in batch:
                        seq = told.seq
                        yield told
                heard = await news.next()
                # What was read already is no news, unless something after it was dropped.
                while isinstance(heard, Event) and heard.seq <= seq and not news.lost:
                    heard = await news.next()
                news.lost = 0

    async def export(self, room: str) -> AsyncGenerator[str, None]:
        """Yield the whole log as lines of JSON, oldest first."""
        seq = 0
        while batch := await self.since(room, seq):
            for told in batch:
                seq = told.seq
                yield as_json(told) + "\n"


def as_json(told: Event) -> str:
    """Return an event as one line: {seq, at, kind, actor, subject, data}."""
    return json.dumps(
        {
            "seq": told.seq,
            "at": told.at.isoformat(),
            "kind": told.kind,
            "actor": told.actor,
            "subject": told.subject,
            "data": dict(told.data),
        },
        ensure_ascii=False,
    )


async def take_turn(session: AsyncSession, room: str) -> None:
    """Hold the room for this transaction: what is read next stays true until it is committed.

    It must be the transaction's first statement: SQLite gives a reader no way to become the writer
    while another writes. Raises: NotFound.
    """
    statement = update(RoomRow).where(RoomRow.id == room).values(last_seq=RoomRow.last_seq)
    found = await session.execute(
        statement.returning(RoomRow.id), execution_options={"synchronize_session": False}
    )
    if found.scalar() is None:
        raise NotFound("There is no such room.")


async def _next(session: AsyncSession, room: str) -> int:
    statement = update(RoomRow).where(RoomRow.id == room).values(last_seq=RoomRow.last_seq + 1)
    found = await session.execute(
        statement.returning(RoomRow.last_seq), execution_options={"synchronize_session": False}
    )
    seq = found.scalar()
    if seq is None:
        raise NotFound("There is no such room.")
    return int(seq)


def _event(row: EventRow) -> Event:
    data = {
        name: value if isinstance(value, str | int | float | bool) else None
        for name, value in row.data.items()
    }
    return Event(row.room, row.seq, row.at, row.kind, row.actor, row.subject, data)  # type: ignore[arg-type]
