"""Rooms: opened by a plan, found by id or code; the same room for as long as its record is kept."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.content.model import Course
from app.errors import NotFound, Refused
from app.store.engine import Store
from app.store.room_tables import RoomRow
from app.store.whole import whole
from app.workshop.codes import clean_code, new_code
from app.workshop.log import Log
from app.workshop.model import OWNER, Plan, Room
from app.workshop.names import clean_line
from app.workshop.rows import room_row, rooms_of

MOST_NAME: Final = 80
MOST_SEATS: Final = 500  # a site's goal is 200; beyond this it is a mistyped number
MOST_KEEP_DAYS: Final = 3650


class Rooms:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(
        self, store: Store, log: Log, course: Course, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._log = log
        self._course = course
        self._clock = clock
        self._known: dict[str, tuple[int, Room]] = {}  # with the log's version

    @whole
    async def create(self, plan: Plan, *, actor: str = OWNER) -> Room:
        """Open a room. Raises: Refused where the plan makes no sense, NotFound for a lesson."""
        name = self._examine(plan)
        room, code = f"r{secrets.token_hex(8)}", new_code()
        async with self._store.writing() as session:
            row = RoomRow(
                id=room,
                code=code,
                name=name,
                lessons=[each.id for each in self._course.lessons if each.id in plan.lessons],
                capacity=plan.capacity,
                ends=plan.ends,
                cluster=plan.cluster,
                gating=plan.gating,
                takes_self_reported=plan.takes_self_reported,
                keep_days=plan.keep_days,
                opened=self._clock(),
                is_paused=False,
                last_seq=0,
            )
            session.add(row)
            await session.flush()
            await self._log.append(
                session, room, "room.opened", actor=actor, capacity=plan.capacity
            )
        return await self.get(room)

    async def get(self, room: str) -> Room:
        """Return a room as it is now: asked at every request. Raises: NotFound."""
        version = self._log.version(room)
        known = self._known.get(room)
        if known is None or known[0] != version:
            known = self._known[room] = version, await self._read(room)
        return known[1]

    @whole
    async def _read(self, room: str) -> Room:
        async with self._store.session() as session:
            return (await rooms_of(session, [await room_row(session, room)]))[0]

    @whole
    async def all(self) -> list[Room]:
        """Return all rooms that are kept, the newest first."""
        async with self._store.session() as session:
            found = await session.scalars(select(RoomRow).order_by(RoomRow.opened.desc()))
            return await rooms_of(session, found.all())

    @whole
    async def by_code(self, code: str) -> Room:
        """Return the room of a typed code, also one that has ended. Raises: NotFound.

        Who asks for a stranger goes through `Roster.join`, which counts wrong guesses.
        """
        async with self._store.session() as session:
            found = await session.scalars(select(RoomRow).where(RoomRow.code == clean_code(code)))
            row = found.first()
            if row is None:
                raise NotFound(
                    "No workshop has this code.", hint="Look at it again: there is no O, I or 1."
                )
            return (await rooms_of(session, [row]))[0]

    def _examine(self, plan: Plan) -> str:
        known = {lesson.id for lesson in self._course.lessons}
        for lesson in plan.lessons:
            if lesson not in known:
                raise NotFound(f"The course has no lesson {lesson}.", hint="mesh-dojo lessons")
        if not 1 <= plan.capacity <= MOST_SEATS:
            raise Refused(f"A room has between 1 and {MOST_SEATS} seats.")
        if not 0 <= plan.keep_days <= MOST_KEEP_DAYS:
            raise Refused(f"Names are kept between 0 and {MOST_KEEP_DAYS} days.")
        if plan.ends is not None and plan.ends <= self._clock():
            raise Refused("The end of the room is in the past.", hint="Look at its date.")
        return clean_line(plan.name, MOST_NAME, "name of the room")
