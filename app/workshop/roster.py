"""Who is in a room: joins with the code and a name, comes back with a personal token, leaves.

A full room lets people in all the same, to wait: `Member.place` says where in the queue they are,
and whoever is first is admitted as soon as a seat is free.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotAllowed, NotFound, Refused
from app.store.engine import Store
from app.store.room_tables import MemberRow, RoomRow
from app.store.tables import LearnerRow
from app.store.whole import whole
from app.workshop.codes import clean_code, digest, new_token
from app.workshop.guesses import Guesses
from app.workshop.log import Log, take_turn
from app.workshop.model import Member, Role
from app.workshop.names import clean_email, clean_name, name_key, suggestion
from app.workshop.rows import member_of, member_row, members_of, room_of, room_row


@dataclass(frozen=True)
class Joined:
    """A new member, and the token with which another device becomes the same one."""

    member: Member
    token: str


class Roster:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(
        self, store: Store, log: Log, guesses: Guesses, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._log = log
        self._guesses = guesses
        self._clock = clock

    async def join(
        self, code: str, name: str, email: str = "", *, address: str, self_reported: bool = False
    ) -> Joined:
        """Enter the room of a code, from a network address.

        Raises: NotFound (no such code), Unavailable (too many wrong ones), NotAllowed (the room has
        ended), Refused (the name is taken or none; the hint has a free one).
        """
        self._guesses.admit(address)
        room = await self._room(clean_code(code))
        if not room:
            self._guesses.wrong(address)
            raise NotFound(
                "No workshop has this code.",
                hint="Look at it again: it has eight signs, and no O, I, L, 0 or 1.",
            )
        return await self._enter(
            room, clean_name(name), clean_email(email), "learner", self_reported
        )

    async def appoint(self, room: str, name: str) -> Joined:
        """Add an instructor, who takes no seat. Raises: NotFound, NotAllowed, Refused."""
        return await self._enter(room, clean_name(name), "", "instructor", False)

    @whole
    async def resume(self, token: str, *, address: str) -> Member:
        """Return whose token this is, also in a room that has ended: the pages stay readable.

        Who had left is back, and waits where the room is full. Raises: NotFound, Unavailable.
        """
        self._guesses.admit(address)
        async with self._store.session() as session:
            found = await session.scalars(
                select(MemberRow).where(MemberRow.resume_digest == digest(token))
            )
            row = found.first()
            if row is None:
                self._guesses.wrong(address)
                raise NotFound(
                    "This personal link is not known.",
                    hint="A newer one may have taken its place; ask the instructor for another.",
                )
            member, room = row.id, row.room
        async with self._store.session() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            row.last_seen, row.gone = self._clock(), None
            await self._log.append(session, room, "member.returned", actor=member)
            await self._admit(session, await room_row(session, room))
        return await self.member(member)

    @whole
    async def new_token(self, member: str) -> str:
        """Return a new personal token; the earlier one is worth nothing then. Raises: NotFound."""
        token = new_token()
        async with self._store.session() as session:
            (await member_row(session, member)).resume_digest = digest(token)
        return token

    @whole
    async def member(self, member: str) -> Member:
        """Return one member as it is now. Raises: NotFound."""
        async with self._store.session() as session:
            row = await member_row(session, member)
            return member_of(row, await _place(session, row))

    @whole
    async def members(self, room: str) -> list[Member]:
        """Return everybody in the order of arrival, also who has left and who waits."""
        async with self._store.session() as session:
            return members_of(await _rows(session, room))

    @whole
    async def leave(self, member: str, *, actor: str) -> None:
        """Give a member's seat to who waits for one; the work is kept. Raises: NotFound."""
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        async with self._store.session() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            if row.gone is None:
                row.gone, row.admitted = self._clock(), None
                await self._log.append(session, room, "member.left", actor=actor, subject=member)
                await self._admit(session, await room_row(session, room))

    @whole
    async def consent(self, member: str, *, consents: bool) -> None:
        """Record whether the instructor may watch the member's terminal. Raises: NotFound."""
        async with self._store.session() as session:
            row = await member_row(session, member)
            row.consents_terminal = consents
            await self._log.append(
                session, row.room, "member.consented", actor=member, consents=consents
            )

    @whole
    async def seen(self, member: str) -> None:
        """Record that the member is here now, by the site's own clock."""
        async with self._store.session() as session:
            statement = update(MemberRow).where(MemberRow.id == member)
            await session.execute(statement.values(last_seen=self._clock()))

    @whole
    async def admit(self, room: str) -> None:
        """Let in who waits, as far as there are seats: after the room was made larger."""
        async with self._store.session() as session:
            await take_turn(session, room)
            await self._admit(session, await room_row(session, room))

    @whole
    async def _room(self, code: str) -> str:
        async with self._store.session() as session:
            return await session.scalar(select(RoomRow.id).where(RoomRow.code == code)) or ""

    @whole
    async def _enter(
        self, room: str, name: str, email: str, role: Role, self_reported: bool
    ) -> Joined:
        token = new_token()
        async with self._store.session() as session:
            await take_turn(session, room)
            row = await room_row(session, room)
            self._refuse_late(row)
            if self_reported and not row.takes_self_reported:
                raise Refused(
                    "This room takes no results of clusters that it cannot look at itself.",
                    hint="Join it in the browser: it gives you a sandbox.",
                )
            number = await self._free_number(session, room, name)
            member = f"m{secrets.token_hex(8)}"
            now = self._clock()
            session.add(LearnerRow(id=member, name=name, created=now))
            await session.flush()  # a member's row refers to it
            session.add(
                MemberRow(
                    id=member,
                    room=room,
                    number=number,
                    name=name,
                    name_key=name_key(name),
                    email=email,
                    role=role,
                    joined=now,
                    admitted=now if role == "instructor" else None,
                    last_seen=now,
                    resume_digest=digest(token),
                    is_self_reported=self_reported,
                )
            )
            await session.flush()
            await self._log.append(
                session, room, "member.joined", actor=member, role=role, number=number
            )
            await self._admit(session, row)
        return Joined(await self.member(member), token)

    def _refuse_late(self, row: RoomRow) -> None:
        if room_of(row, ()).is_over(self._clock()):
            raise NotAllowed(
                "This workshop has ended.",
                hint="Who took part can still read the own pages, by the personal link.",
            )

    async def _free_number(self, session: AsyncSession, room: str, name: str) -> int:
        """Return the number of the next arrival. Raises: Refused where the name is taken."""
        found = await session.scalars(select(MemberRow.name_key).where(MemberRow.room == room))
        taken = frozenset(found)
        if name_key(name) in taken:
            raise Refused(
                f"Somebody in this room is called {name} already.",
                hint=f"“{suggestion(name, taken)}” is free. If it was you, use your personal link.",
            )
        return len(taken) + 1

    async def _admit(self, session: AsyncSession, room: RoomRow) -> None:
        """Give free seats to who waits, first come first served; the caller has the room's turn."""
        learners = [row for row in await _rows(session, room.id) if row.role == "learner"]
        there = [row for row in learners if row.gone is None]
        free = room.capacity - sum(1 for row in there if row.admitted)
        for row in [row for row in there if row.admitted is None][: max(0, free)]:
            row.admitted = self._clock()
            await self._log.append(session, room.id, "member.admitted", actor=row.id)


async def _place(session: AsyncSession, row: MemberRow) -> int:
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


async def _rows(session: AsyncSession, room: str) -> Sequence[MemberRow]:
    found = await session.scalars(
        select(MemberRow).where(MemberRow.room == room).order_by(MemberRow.number)
    )
    return found.all()
