"""The board: everybody's progress as rows and as a heat map. Pure functions of what was found.

`BoardQueries` (board_queries.py) finds it: one query for each table, however many members.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final, Literal

from app.workshop.model import Help, Member, StepKey
from app.workshop.outline import Outline, Stop

Cell = Literal["untouched", "open", "failed", "passed"]
Pause = tuple[datetime, datetime | None]  # None: it goes on

ENOUGH: Final = 5  # learners who finished a step, before their median is believed
TIMES: Final = 3.0  # as long as others took, and one counts as stuck


@dataclass(frozen=True)
class Done:
    """Where a member stands in a step; `passed` is when."""

    first_seen: datetime
    last_seen: datetime
    passed: datetime | None
    attempts: int


@dataclass(frozen=True)
class Last:
    """A member's newest attempt: how many of its checks passed, and what the first failure said."""

    step: StepKey
    at: datetime
    passed: bool | None
    checks_passed: int
    message: str


@dataclass(frozen=True)
class Failure:
    """The most frequent failure of a step, and how many learners have met it."""

    message: str
    learners: int


@dataclass(frozen=True)
class Facts:
    """What the board is made of. Shapes: `done` {member: {step: Done}}, `last` {member: Last}."""

    outline: Outline
    members: Sequence[Member]
    done: Mapping[str, Mapping[StepKey, Done]]
    last: Mapping[str, Last] = field(default_factory=dict)
    helps: Sequence[Help] = ()
    online: Collection[str] = frozenset()
    sandboxes: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[StepKey, Failure] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True)
class Row:
    """One learner. `since` is when the last progress was; `cells` are in the order of the steps.

    `attempts` counts those at the present step. `sandbox` is its state in a word, or empty.
    """

    member: Member
    at: Stop | None
    is_done: bool
    steps_passed: int
    checks_passed: int
    checks_total: int
    attempts: int
    message: str
    since: datetime
    is_online: bool
    help: Help | None
    is_stuck: bool
    sandbox: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Board:
    """All rows, and for each step what most learners failed on. Shape: {step: Failure}."""

    stops: tuple[Stop, ...]
    rows: tuple[Row, ...]
    failures: Mapping[StepKey, Failure]
    passed_by: Mapping[StepKey, int]  # how many learners passed each step


def board(facts: Facts, now: datetime) -> Board:
    """Return the board as it is now: learners who are in the room, in the order of arrival."""
    expected = {stop.key: expected_s(stop, facts) for stop in facts.outline.stops}
    helps = {each.member: each for each in facts.helps}
    learners = [each for each in facts.members if each.role == "learner" and not each.has_left]
    rows = tuple(_row(facts, each, expected, helps.get(each.id), now) for each in learners)
    passed_by = {
        stop.key: sum(1 for row in rows if row.cells[place] == "passed")
        for place, stop in enumerate(facts.outline.stops)
    }
    return Board(facts.outline.stops, rows, facts.failures, passed_by)


def expected_s(stop: Stop, facts: Facts) -> float:
    """Return how long a step takes: the median here once five have finished it, till then what its
    author expects. Time in which the room was paused does not count.
    """
    took = [
        working_s(done.first_seen, done.passed, facts.pauses)
        for steps in facts.done.values()
        if (done := steps.get(stop.key)) and done.passed
    ]
    return median(took) if len(took) >= ENOUGH else stop.minutes * 60.0


def working_s(start: datetime, end: datetime, pauses: Sequence[Pause]) -> float:
    """Return the seconds between two moments in which the room was not paused."""
    total = max(timedelta(), end - start)
    for began, ended in pauses:
        total -= max(timedelta(), min(end, ended or end) - max(start, began))
    return max(0.0, total.total_seconds())


def _row(
    facts: Facts,
    member: Member,
    expected: Mapping[StepKey, float],
    help_: Help | None,
    now: datetime,
) -> Row:
    steps = facts.done.get(member.id, {})
    stops = facts.outline.stops
    at = _present(stops, steps)
    last = facts.last.get(member.id)
    here = steps.get(at.key) if at else None
    since = _since(member, here, steps)
    is_done = bool(stops) and all((d := steps.get(stop.key)) and d.passed for stop in stops)
    is_working = at is not None and here is not None and here.passed is None
    limit = TIMES * expected[at.key] if at else 0.0
    return Row(
        member=member,
        at=at,
        is_done=is_done,
        steps_passed=sum(1 for stop in stops if (d := steps.get(stop.key)) and d.passed),
        checks_passed=_checks_passed(stops, steps, last),
        checks_total=sum(len(stop.step.checks) for stop in stops),
        attempts=here.attempts if here else 0,
        message=last.message if last and at and last.step == at.key else "",
        since=since,
        is_online=member.id in facts.online,
        help=help_,
        is_stuck=is_working and working_s(since, now, facts.pauses) > limit,
        sandbox=facts.sandboxes.get(member.id, ""),
        cells=tuple(_cell(steps.get(stop.key)) for stop in stops),
    )


def _present(stops: Sequence[Stop], steps: Mapping[StepKey, Done]) -> Stop | None:
    """Return the step of the room that was open last, None where none was."""
    opened = [stop for stop in reversed(stops) if stop.key in steps]
    return max(opened, key=lambda stop: steps[stop.key].last_seen, default=None)


def _since(member: Member, here: Done | None, steps: Mapping[StepKey, Done]) -> datetime:
    moments = [done.passed for done in steps.values() if done.passed]
    moments += [here.first_seen] if here else []
    return max(moments, default=member.joined)


def _checks_passed(stops: Sequence[Stop], steps: Mapping[StepKey, Done], last: Last | None) -> int:
    count = 0
    for stop in stops:
        done = steps.get(stop.key)
        if done and done.passed:
            count += len(stop.step.checks)
        elif last and last.step == stop.key:
            count += min(last.checks_passed, len(stop.step.checks))
    return count


def _cell(done: Done | None) -> Cell:
    if done is None:
        return "untouched"
    if done.passed:
        return "passed"
    return "failed" if done.attempts else "open"
