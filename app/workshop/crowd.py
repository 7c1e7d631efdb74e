"""How full a room is: asked in one query each, since a class comes in within seconds."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Refused
from app.store.room_tables import MemberRow
from app.workshop.names import name_key, suggestion


@dataclass(frozen=True)
class Crowd:
    """Who is in a room: numbers of them, and whether one has the name that is asked for."""

    newest: int
    seated: int
    waiting: int
    is_taken: bool


async def crowd_of(session: AsyncSession, room: str, name: str) -> Crowd:
    """Ask for all of it at once: a class comes through here within seconds."""
    is_here = (MemberRow.role == "learner") & MemberRow.gone.is_(None)
    found = await session.execute(
        select(
            func.coalesce(func.max(MemberRow.number), 0),
            func.count(case((is_here & MemberRow.admitted.is_not(None), 1))),
            func.count(case((is_here & MemberRow.admitted.is_(None), 1))),
            func.count(case((MemberRow.name_key == name_key(name), 1))),
        ).where(MemberRow.room == room)
    )
    newest, seated, waiting, same = found.one()
    return Crowd(newest, seated, waiting, same > 0)


async def taken(session: AsyncSession, room: str, name: str) -> Refused:
    """Return the refusal of a name that somebody has, with one that is free."""
    keys = await session.scalars(select(MemberRow.name_key).where(MemberRow.room == room))
    return Refused(
        f"Somebody in this room is called {name} already.",
        hint=f"“{suggestion(name, frozenset(keys))}” is free. If it was you, use your personal "
        "link.",
    )


async def place_of(session: AsyncSession, row: MemberRow) -> int:
    """Return the place in the queue for a seat, 0 for who does not wait: asked at every request."""
    if row.admitted is not None or row.gone is not None or row.role != "learner":
        return 0
    before = select(func.count()).where(
        MemberRow.room == row.room,
        MemberRow.role == "learner",
        MemberRow.admitted.is_(None),
        MemberRow.gone.is_(None),
        MemberRow.number < row.number,
    )
    return (await session.scalar(before) or 0) + 1
