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
from app.workshop.crowd import crowd_of, place_of, taken
from app.workshop.guesses import Guesses
from app.workshop.log import Log, take_turn
from app.workshop.model import Member, Role
from app.workshop.names import clean_email, clean_name, name_key
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
        self._known: dict[str, tuple[int, Member]] = {}  # with the log's version

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
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            row.last_seen, row.gone = self._clock(), None
            await self._log.append(session, room, "member.returned", actor=member)
            await self._admit(session, await room_row(session, room))
        return await self.member(member)

    @whole
    async def of_token(self, token: str, *, address: str) -> Member:
        """Return whose token this is, without a visit: for a lab that reports by itself.

        Raises: NotFound, Unavailable.
        """
        self._guesses.admit(address)
        async with self._store.session() as session:
            statement = select(MemberRow.id).where(MemberRow.resume_digest == digest(token))
            member = await session.scalar(statement)
        if member is None:
            self._guesses.wrong(address)
            raise NotFound("This lab's token is not known.", hint="Join the room anew.")
        return await self.member(member)

    @whole
    async def new_token(self, member: str) -> str:
        """Return a new personal token; the earlier one is worth nothing then. Raises: NotFound."""
        token = new_token()
        async with self._store.writing() as session:
            (await member_row(session, member)).resume_digest = digest(token)
        return token

    async def member(self, member: str) -> Member:
        """Return one member as it is now: asked at every request. Raises: NotFound."""
        known = self._known.get(member)
        if known is not None and known[0] == self._log.version(known[1].room):
            return known[1]
        version, found = await self._read(member)
        self._known[member] = version, found
        return found

    @whole
    async def _read(self, member: str) -> tuple[int, Member]:
        """Return a member with the log's version before anything else was read of the room."""
        async with self._store.session() as session:
            room = (await member_row(session, member)).room
        version = self._log.version(room)
        async with self._store.session() as session:
            row = await member_row(session, member)
            return version, member_of(row, await place_of(session, row))

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
        async with self._store.writing() as session:
            await take_turn(session, room)
            row = await member_row(session, member)
            if row.gone is None:
                row.gone, row.admitted = self._clock(), None
                await self._log.append(session, room, "member.left", actor=actor, subject=member)
                await self._admit(session, await room_row(session, room))

    @whole
    async def consent(self, member: str, *, consents: bool) -> None:
        """Record whether the instructor may watch the member's terminal. Raises: NotFound."""
        async with self._store.writing() as session:
            row = await member_row(session, member)
            row.consents_terminal = consents
            await self._log.append(
                session, row.room, "member.consented", actor=member, consents=consents
            )

    @whole
    async def seen(self, member: str) -> None:
        """Record that the member is here now, by the site's own clock."""
        async with self._store.writing() as session:
            statement = update(MemberRow).where(MemberRow.id == member)
            await session.execute(statement.values(last_seen=self._clock()))
        self._known.pop(member, None)

    @whole
    async def admit(self, room: str) -> None:
        """Let in who waits, as far as there are seats: after the room was made larger."""
        async with self._store.writing() as session:
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
        token, now = new_token(), self._clock()
        async with self._store.writing() as session:
            await take_turn(session, room)
            seats = self._allowed(await room_row(session, room), self_reported)
            crowd = await crowd_of(session, room, name)
            if crowd.is_taken:
                raise await taken(session, room, name)
            waits = role == "learner" and (crowd.waiting > 0 or crowd.seated >= seats)
            row = MemberRow(
                id=f"m{secrets.token_hex(8)}",
                room=room,
                number=crowd.newest + 1,
                name=name,
                name_key=name_key(name),
                email=email,
                role=role,
                joined=now,
                admitted=None if waits else now,
                last_seen=now,
                resume_digest=digest(token),
                consents_terminal=False,
                is_self_reported=self_reported,
            )
            session.add(LearnerRow(id=row.id, name=name, created=now))
            await session.flush()  # a member's row refers to it
            session.add(row)
            joined = member_of(row, crowd.waiting + 1 if waits else 0)
            await self._log.append(
                session, room, "member.joined", actor=row.id, role=role, place=joined.place
            )
        return Joined(joined, token)

    def _allowed(self, room: RoomRow, self_reported: bool) -> int:
        """Return how many seats the room has. Raises: NotAllowed, Refused."""
        if room_of(room, ()).is_over(self._clock()):
            raise NotAllowed(
                "This workshop has ended.",
                hint="Who took part can still read the own pages, by the personal link.",
            )
        if self_reported and not room.takes_self_reported:
            raise Refused(
                "This room takes no results of clusters that it cannot look at itself.",
                hint="Join it in the browser: it gives you a sandbox.",
            )
        return room.capacity

    async def _admit(self, session: AsyncSession, room: RoomRow) -> None:
        """Give free seats to who waits, first come first served; the caller has the room's turn."""
        there = (MemberRow.room == room.id) & (MemberRow.role == "learner")
        there &= MemberRow.gone.is_(None)
        seated = select(func.count()).where(there, MemberRow.admitted.is_not(None))
        free = room.capacity - (await session.scalar(seated) or 0)
        waiting = select(MemberRow).where(there, MemberRow.admitted.is_(None))
        found = await session.scalars(waiting.order_by(MemberRow.number).limit(max(0, free)))
        for row in found.all():
            row.admitted = self._clock()
            await self._log.append(session, room.id, "member.admitted", actor=row.id)


async def _rows(session: AsyncSession, room: str) -> Sequence[MemberRow]:
    found = await session.scalars(
        select(MemberRow).where(MemberRow.room == room).order_by(MemberRow.number)
    )
    return found.all()
