"""What the board is made of, from the database: one query for each table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.content.model import Course
from app.store.engine import Store
from app.store.room_tables import EventRow, MemberRow, SeatRow
from app.store.tables import AttemptRow, StepRow
from app.store.whole import whole
from app.workshop.board import Done, Facts, Failure, Last, Pause
from app.workshop.model import StepKey
from app.workshop.outline import outline
from app.workshop.presence import Presence
from app.workshop.rows import members_of, open_helps, room_of, room_row

PAUSES: Final = ("room.paused", "room.resumed", "room.closed")


class BoardQueries:
    """Raises StoreUnavailable when the database fails."""

    def __init__(self, store: Store, course: Course, presence: Presence) -> None:
        self._store = store
        self._course = course
        self._presence = presence

    @whole
    async def facts(self, room: str) -> Facts:
        """Return what is known of a room now. Raises: NotFound."""
        async with self._store.session() as session:
            row = await room_row(session, room)
            found = await session.scalars(
                select(MemberRow).where(MemberRow.room == room).order_by(MemberRow.number)
            )
            members = members_of(found.all())
            return Facts(
                outline=outline(self._course, room_of(row, ()).plan),
                members=members,
                done=await _done(session, room),
                last=await _last(session, room),
                helps=await open_helps(session, room),
                online=self._presence.online(member.id for member in members),
                sandboxes=await _sandboxes(session, room),
                failures=await _failures(session, room),
                pauses=await _pauses(session, room),
            )


async def _done(session: AsyncSession, room: str) -> Mapping[str, Mapping[StepKey, Done]]:
    found = await session.execute(
        select(
            StepRow.learner,
            StepRow.lesson,
            StepRow.step,
            StepRow.first_seen,
            StepRow.last_seen,
            StepRow.passed,
            StepRow.attempts,
        )
        .join(MemberRow, MemberRow.id == StepRow.learner)
        .where(MemberRow.room == room)
    )
    done: dict[str, dict[StepKey, Done]] = defaultdict(dict)
    for learner, lesson, step, first, last, passed, attempts in found:
        done[learner][lesson, step] = Done(first, last, passed, attempts)
    return done


async def _last(session: AsyncSession, room: str) -> Mapping[str, Last]:
    newest = (
        select(func.max(AttemptRow.id))
        .join(MemberRow, MemberRow.id == AttemptRow.learner)
        .where(MemberRow.room == room)
        .group_by(AttemptRow.learner)
    )
    found = await session.scalars(select(AttemptRow).where(AttemptRow.id.in_(newest)))
    return {
        row.learner: Last(
            step=(row.lesson, row.step),
            at=row.at,
            passed=row.passed,
            checks_passed=sum(1 for result in row.results if result["passed"] is True),
            message=next(
                (str(each["message"]) for each in row.results if each["passed"] is False), ""
            ),
        )
        for row in found
    }


async def _sandboxes(session: AsyncSession, room: str) -> Mapping[str, str]:
    found = await session.execute(select(SeatRow.member, SeatRow.state).where(SeatRow.room == room))
    return {row.member: row.state for row in found}


async def _failures(session: AsyncSession, room: str) -> Mapping[StepKey, Failure]:
    lesson, step, message = (
        EventRow.data[name].as_string() for name in ("lesson", "step", "message")
    )
    met = func.count(EventRow.actor.distinct())
    found = await session.execute(
        select(lesson, step, message, met)
        .where(EventRow.room == room, EventRow.kind == "check.failed")
        .group_by(lesson, step, message)
        .order_by(met.desc(), message)
    )
    most: dict[StepKey, Failure] = {}
    for in_lesson, in_step, said, learners in found:
        most.setdefault((in_lesson, in_step), Failure(said, learners))
    return most


async def _pauses(session: AsyncSession, room: str) -> Sequence[Pause]:
    found = await session.execute(
        select(EventRow.at, EventRow.kind)
        .where(EventRow.room == room, EventRow.kind.in_(PAUSES))
        .order_by(EventRow.seq)
    )
    return pauses_of([(at, kind) for at, kind in found])


def pauses_of(events: Sequence[tuple[datetime, str]]) -> Sequence[Pause]:
    """Return the pauses that a room's events tell of, in order."""
    pauses: list[Pause] = []
    began: datetime | None = None
    for at, kind in events:
        if kind == "room.paused":
            began = began or at
        elif began is not None:
            pauses.append((began, at))
            began = None
    return [*pauses, (began, None)] if began else pauses
