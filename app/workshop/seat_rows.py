"""The rows of seats: who has a sandbox, in which folder, and who waits for one."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select

from app.store.engine import Store
from app.store.room_tables import MemberRow, RoomRow, SeatRow
from app.store.whole import whole
from app.workshop.log import Log, Scalar, take_turn
from app.workshop.model import EventKind
from app.workshop.rows import member_row

SeatState = Literal["waiting", "up", "idle", "died"]


@dataclass(frozen=True)
class Seat:
    """A member's sandbox: `up`, stopped with its state kept (`idle`), `died`, or waited for."""

    member: str
    room: str
    folder: str
    state: SeatState
    asked: datetime


def new_folder() -> str:
    """Return the name of a folder that no sandbox has had."""
    return f"s{secrets.token_hex(8)}"


class SeatRows:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, log: Log, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._clock = clock

    @whole
    async def all(self) -> list[Seat]:
        """Return all seats, those that wait in the order in which they asked.

        Who has left the room waits no more, and keeps what was there.
        """
        async with self._store.session() as session:
            found = await session.execute(
                select(SeatRow, MemberRow.gone)
                .join(MemberRow, MemberRow.id == SeatRow.member)
                .order_by(SeatRow.asked, SeatRow.member)
            )
            seats = [(_seat(row), gone) for row, gone in found]
        return [
            replace(seat, state="idle") if gone and seat.state == "waiting" else seat
            for seat, gone in seats
        ]

    @whole
    async def get(self, member: str) -> Seat | None:
        """Return a member's seat, None where it has never asked for one."""
        async with self._store.session() as session:
            row = await session.get(SeatRow, member)
            return _seat(row) if row else None

    @whole
    async def put(
        self,
        /,
        member: str,
        state: SeatState,
        kind: EventKind,
        *,
        actor: str,
        folder: str = "",
        **data: Scalar,
    ) -> Seat:
        """Change a seat, or make it, and tell the log. Raises: NotFound.

        `folder` names another one than it had. Asking again keeps the place in the queue.
        """
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await session.get(SeatRow, member)
            now = self._clock()
            if row is None:
                row = SeatRow(member=member, room=room, folder=new_folder(), asked=now)
                session.add(row)
            elif state == "waiting" and row.state != "waiting":
                row.asked = now
            row.state, row.changed = state, now
            row.folder = folder or row.folder
            await self._log.append(session, room, kind, actor=actor, subject=member, **data)
            await session.flush()
            return _seat(row)

    @whole
    async def delete(self, member: str) -> None:
        """Forget a member's seat: its folder is gone."""
        async with self._store.writing() as session:
            await session.execute(delete(SeatRow).where(SeatRow.member == member))

    @whole
    async def wanted(self) -> int:
        """Return how many learners may still come into open rooms and have no sandbox yet."""
        async with self._store.session() as session:
            found = await session.scalars(
                select(RoomRow).where(RoomRow.closed.is_(None), RoomRow.cluster == "sandbox")
            )
            now = self._clock()
            rooms = [row for row in found if row.ends is None or row.ends > now]
            ids = [row.id for row in rooms]
            taken = await session.scalars(select(SeatRow.member).where(SeatRow.room.in_(ids)))
            return max(0, sum(row.capacity for row in rooms) - len(taken.all()))

    @whole
    async def may_have_one(self, member: str) -> bool:
        """Return whether a member is in an open room of sandboxes, admitted and not gone."""
        async with self._store.session() as session:
            row = await session.get(MemberRow, member)
            room = await session.get(RoomRow, row.room) if row else None
            if row is None or room is None or room.closed or room.cluster != "sandbox":
                return False
            is_in_time = room.ends is None or room.ends > self._clock()
            return is_in_time and row.admitted is not None and row.gone is None


def waiting(seats: Sequence[Seat]) -> list[str]:
    """Return the members who wait, first come first."""
    return [seat.member for seat in seats if seat.state == "waiting"]


def _seat(row: SeatRow) -> Seat:
    return Seat(row.member, row.room, row.folder, row.state, row.asked)  # type: ignore[arg-type]
