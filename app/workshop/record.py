"""What learners did, as data: for the page that each keeps, and for the instructor's files."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content.model import Course
from app.store.engine import Store
from app.store.room_tables import MemberRow
from app.store.tables import AttemptRow, StepRow
from app.store.whole import whole
from app.workshop.model import Member, Room, StepKey
from app.workshop.outline import Outline, outline
from app.workshop.rows import member_row, members_of, room_row, rooms_of


@dataclass(frozen=True)
class CheckRecord:
    """How a check ended in the newest attempt at its step."""

    title: str
    passed: bool | None
    message: str


@dataclass(frozen=True)
class StepRecord:
    """What one learner did at a step; without `first_seen` it was never opened.

    Units: `seconds` with the page open and in use.
    """

    key: StepKey
    title: str
    lesson_title: str
    first_seen: datetime | None = None
    passed: datetime | None = None
    seconds: float = 0.0
    attempts: int = 0
    hints: int = 0
    solution_shown: bool = False
    checks: tuple[CheckRecord, ...] = ()


@dataclass(frozen=True)
class MemberRecord:
    """One learner's way through a room, its steps in the room's order."""

    member: Member
    steps: tuple[StepRecord, ...]

    @property
    def passed(self) -> int:
        """How many steps have passed."""
        return sum(1 for step in self.steps if step.passed)


@dataclass(frozen=True)
class RoomRecord:
    """All learners of a room, in the order of arrival."""

    room: Room
    at: datetime
    members: tuple[MemberRecord, ...]


class Records:
    """Every method raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, course: Course, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._course = course
        self._clock = clock

    @whole
    async def of(self, member: str) -> tuple[Room, MemberRecord]:
        """Return what a member did, with the newest results of each step. Raises: NotFound."""
        async with self._store.session() as session:
            row = await member_row(session, member)
            room = (await rooms_of(session, [await room_row(session, row.room)]))[0]
            steps = await _steps(session, row.room, member)
            checks = await _checks(session, member)
            way = outline(self._course, room.plan)
            (found,) = members_of([row])
            return room, _record(found, way, steps.get(member, {}), checks)

    @whole
    async def room(self, room: str) -> RoomRecord:
        """Return what all learners of a room did, without the results. Raises: NotFound."""
        async with self._store.session() as session:
            record = (await rooms_of(session, [await room_row(session, room)]))[0]
            found = await session.scalars(
                select(MemberRow).where(MemberRow.room == room).order_by(MemberRow.number)
            )
            members = [each for each in members_of(found.all()) if each.role == "learner"]
            steps = await _steps(session, room)
        way = outline(self._course, record.plan)
        return RoomRecord(
            record,
            self._clock(),
            tuple(_record(each, way, steps.get(each.id, {}), {}) for each in members),
        )


def _record(
    member: Member,
    way: Outline,
    steps: Mapping[StepKey, StepRow],
    checks: Mapping[StepKey, tuple[CheckRecord, ...]],
) -> MemberRecord:
    records = []
    for stop in way.stops:
        row = steps.get(stop.key)
        if row is None:
            records.append(StepRecord(stop.key, stop.step.title, stop.lesson.title))
            continue
        records.append(
            StepRecord(
                stop.key,
                stop.step.title,
                stop.lesson.title,
                first_seen=row.first_seen,
                passed=row.passed,
                seconds=row.seconds,
                attempts=row.attempts,
                hints=row.hints,
                solution_shown=row.solution_shown,
                checks=checks.get(stop.key, ()),
            )
        )
    return MemberRecord(member, tuple(records))


async def _steps(
    session: AsyncSession, room: str, member: str = ""
) -> Mapping[str, Mapping[StepKey, StepRow]]:
    query = select(StepRow).join(MemberRow, MemberRow.id == StepRow.learner)
    query = query.where(MemberRow.room == room)
    if member:
        query = query.where(MemberRow.id == member)
    steps: dict[str, dict[StepKey, StepRow]] = defaultdict(dict)
    for row in await session.scalars(query):
        steps[row.learner][row.lesson, row.step] = row
    return steps


async def _checks(session: AsyncSession, member: str) -> Mapping[StepKey, tuple[CheckRecord, ...]]:
    newest = (
        select(func.max(AttemptRow.id))
        .where(AttemptRow.learner == member)
        .group_by(AttemptRow.lesson, AttemptRow.step)
    )
    found = await session.scalars(select(AttemptRow).where(AttemptRow.id.in_(newest)))
    return {
        (row.lesson, row.step): tuple(
            CheckRecord(
                str(each["title"]),
                None if each["passed"] is None else bool(each["passed"]),
                str(each["message"]),
            )
            for each in row.results
        )
        for row in found
    }
