"""Rows of the tables as records."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotFound
from app.store.room_tables import HelpRow, MemberRow, NoteRow, RoomRow, RoomStepRow
from app.workshop.model import Help, Member, Note, Plan, Room


async def room_row(session: AsyncSession, room: str) -> RoomRow:
    """Return a room's row. Raises: NotFound."""
    row = await session.get(RoomRow, room)
    if row is None:
        raise NotFound("There is no such room.")
    return row


async def member_row(session: AsyncSession, member: str) -> MemberRow:
    """Return a member's row. Raises: NotFound."""
    row = await session.get(MemberRow, member)
    if row is None:
        raise NotFound("There is nobody of that id in the room.")
    return row


async def rooms_of(session: AsyncSession, rows: Sequence[RoomRow]) -> list[Room]:
    """Return rows with their steps, by one query for all of them."""
    ids = [row.id for row in rows]
    found = await session.scalars(select(RoomStepRow).where(RoomStepRow.room.in_(ids)))
    steps = found.all()
    return [room_of(row, [step for step in steps if step.room == row.id]) for row in rows]


def room_of(row: RoomRow, steps: Iterable[RoomStepRow]) -> Room:
    """Return a room with what was opened and revealed in it."""
    steps = list(steps)
    plan = Plan(
        name=row.name,
        lessons=tuple(row.lessons),
        capacity=row.capacity,
        ends=row.ends,
        cluster=row.cluster,  # type: ignore[arg-type]
        gating=row.gating,  # type: ignore[arg-type]
        takes_self_reported=row.takes_self_reported,
        keep_days=row.keep_days,
    )
    return Room(
        id=row.id,
        code=row.code,
        plan=plan,
        opened=row.opened,
        closed=row.closed,
        is_paused=row.is_paused,
        steps=frozenset((each.lesson, each.step) for each in steps if each.opened),
        revealed=frozenset((each.lesson, each.step) for each in steps if each.revealed),
        last_seq=row.last_seq,
        erased=row.erased,
    )


def member_of(row: MemberRow, place: int) -> Member:
    """Return a member; `place` is 0 for one who was admitted."""
    return Member(
        id=row.id,
        room=row.room,
        number=row.number,
        name=row.name,
        email=row.email,
        role=row.role,  # type: ignore[arg-type]
        joined=row.joined,
        last_seen=row.last_seen,
        place=place,
        has_left=row.gone is not None,
        consents_terminal=row.consents_terminal,
        is_self_reported=row.is_self_reported,
    )


def members_of(rows: Sequence[MemberRow]) -> list[Member]:
    """Return the members of one room, given all of them in the order of their numbers."""
    places = waiting_places(rows)
    return [member_of(row, places.get(row.id, 0)) for row in rows]


def waiting_places(rows: Sequence[MemberRow]) -> Mapping[str, int]:
    """Return who waits for a seat in the room, and in which place. Shape: {member: place}."""
    learners = [row for row in rows if row.role == "learner"]
    waiting = [row for row in learners if row.admitted is None and row.gone is None]
    return {row.id: place for place, row in enumerate(waiting, 1)}


def help_of(row: HelpRow, place: int) -> Help:
    """Return a request for help; `place` is 0 for one that is over."""
    return Help(
        id=row.id,
        room=row.room,
        member=row.member,
        step=(row.lesson, row.step),
        text=row.text,
        asked=row.asked,
        answered=row.answered,
        withdrawn=row.withdrawn,
        reply=row.reply,
        place=place,
    )


async def open_helps(session: AsyncSession, room: str) -> list[Help]:
    """Return what waits for an answer in a room, in order."""
    rows = await open_help_rows(session, room)
    return [help_of(row, place) for place, row in enumerate(rows, 1)]


async def open_help_rows(session: AsyncSession, room: str) -> Sequence[HelpRow]:
    """Return the rows of what waits for an answer in a room, in order."""
    found = await session.scalars(
        select(HelpRow)
        .where(HelpRow.room == room, HelpRow.answered.is_(None), HelpRow.withdrawn.is_(None))
        .order_by(HelpRow.id)
    )
    return found.all()


def note_of(row: NoteRow) -> Note:
    """Return a note."""
    return Note(row.id, row.room, row.text, row.sent, row.expires)
