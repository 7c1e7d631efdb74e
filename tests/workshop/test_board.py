"""The board, from facts alone: where everybody is, since when, and who is stuck."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop.conftest import START
from workshop.course import COURSE, ONE, STEPS, THREE, TWO

from app.workshop.board import Done, Facts, Failure, Last, Pause, board, expected_s, working_s
from app.workshop.board_queries import pauses_of
from app.workshop.model import Help, Member, Plan
from app.workshop.outline import outline

WAY = outline(COURSE, Plan("Monday"))  # 5, 5 and 6 minutes
ANN = Member("m1", "r1", 1, "Ann", "", "learner", START, START)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def done(opened: float, passed: float | None = None, attempts: int = 0) -> Done:
    last = opened if passed is None else passed
    return Done(at(opened), at(last), None if passed is None else at(passed), attempts)


def five_took(*minutes: float) -> dict[str, dict[tuple[str, str], Done]]:
    return {f"x{n}": {ONE: done(0, took)} for n, took in enumerate(minutes)}


def test_a_row_says_where_a_learner_is_and_what_the_last_failure_said() -> None:
    facts = Facts(
        WAY,
        [ANN],
        {"m1": {ONE: done(0, 3, 1), TWO: done(4, None, 2)}},
        last={"m1": Last(TWO, at(6), False, 1, "No label.")},
        helps=[Help(1, "r1", "m1", TWO, "Why?", at(6), place=1)],
        online={"m1"},
        sandboxes={"m1": "up"},
        failures={TWO: Failure("No label.", 4)},
    )
    (row,) = board(facts, at(7)).rows
    assert row.at is not None
    assert (row.at.key, row.at.step.title, row.at.lesson.title) == (TWO, "Second", "Alpha")
    assert (row.steps_passed, row.checks_passed, row.checks_total) == (1, 2, 4)
    assert (row.attempts, row.message, row.since) == (2, "No label.", at(4))
    assert (row.is_online, row.sandbox, row.is_done, row.is_stuck) == (True, "up", False, False)
    assert row.help is not None
    assert row.cells == ("passed", "failed", "untouched")
    assert board(facts, at(7)).passed_by == {ONE: 1, TWO: 0, THREE: 0}
    assert board(facts, at(7)).failures[TWO].learners == 4


@pytest.mark.parametrize(
    ("others", "minutes", "is_stuck"),
    [
        ({}, 15.0, False),  # three times the five minutes that the author expects
        ({}, 15.1, True),
        (five_took(1, 1, 1, 1), 15.0, False),  # four are not enough to go by
        (five_took(1, 1, 2, 9, 9), 6.0, False),  # three times the median of 2
        (five_took(1, 1, 2, 9, 9), 6.1, True),
    ],
)
def test_who_takes_three_times_as_long_as_others_is_stuck(
    others: dict[str, dict[tuple[str, str], Done]], minutes: float, is_stuck: bool
) -> None:
    facts = Facts(WAY, [ANN], {**others, "m1": {ONE: done(0)}})
    assert board(facts, at(minutes)).rows[0].is_stuck is is_stuck


def test_a_pause_makes_nobody_stuck() -> None:
    facts = Facts(WAY, [ANN], {"m1": {ONE: done(0)}}, pauses=[(at(1), at(31))])
    assert not board(facts, at(45)).rows[0].is_stuck
    assert board(facts, at(46)).rows[0].is_stuck
    waiting = replace(facts, pauses=[(at(1), None)])
    assert not board(waiting, at(500)).rows[0].is_stuck


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ({}, (False, False)),
        ({ONE: done(0, 1)}, (False, False)),  # between two steps
        ({ONE: done(0, 1), TWO: done(1, 2), THREE: done(2, 3)}, (True, False)),
        ({ONE: done(0, 1), TWO: done(1)}, (False, True)),
    ],
)
def test_who_has_nothing_open_is_not_stuck(
    steps: dict[tuple[str, str], Done], what: tuple[bool, bool]
) -> None:
    (row,) = board(Facts(WAY, [ANN], {"m1": steps}), at(600)).rows
    assert (row.is_done, row.is_stuck) == what


def test_instructors_and_who_has_left_have_no_row() -> None:
    people = [ANN, replace(ANN, id="m2", role="instructor"), replace(ANN, id="m3", has_left=True)]
    assert [row.member.id for row in board(Facts(WAY, people, {}), START).rows] == ["m1"]


def test_steps_of_lessons_that_the_room_leaves_out_are_not_shown() -> None:
    way = outline(COURSE, Plan("Monday", lessons=("beta",)))
    (row,) = board(Facts(way, [ANN], {"m1": {ONE: done(0), THREE: done(1)}}), at(2)).rows
    assert row.cells == ("open",)
    assert row.at is not None
    assert row.at.key == THREE


moments = st.integers(min_value=0, max_value=600)


@given(
    moments,
    moments,
    st.lists(st.tuples(moments, moments).map(sorted), max_size=4, unique_by=lambda p: p[0]),
)
def test_time_in_pauses_is_never_counted(
    start: int, end: int, spans: Sequence[Sequence[int]]
) -> None:
    spans = sorted(spans)
    apart = [s for n, s in enumerate(spans) if n == 0 or s[0] >= max(e for _, e in spans[:n])]
    pauses: list[Pause] = [(at(began), at(ended)) for began, ended in apart]
    worked = working_s(at(start), at(end), pauses)
    minutes = sum(1 for minute in range(start, end) if not any(a <= minute < b for a, b in apart))
    assert worked == pytest.approx(60 * minutes)


@given(st.lists(st.floats(min_value=0.1, max_value=60), max_size=12))
def test_what_is_expected_lies_among_what_others_took(took: list[float]) -> None:
    expected = expected_s(WAY.stops[0], Facts(WAY, [], five_took(*took)))
    if len(took) < 5:
        assert expected == 300
    else:
        assert min(took) * 60 - 1e-3 <= expected <= max(took) * 60 + 1e-3


def test_pauses_are_read_from_the_log_also_where_one_goes_on() -> None:
    told = [
        (at(1), "room.paused"), (at(2), "room.resumed"), (at(3), "room.closed"),
        (at(4), "room.paused"), (at(5), "room.closed"), (at(6), "room.paused"),
    ]  # fmt: skip
    assert pauses_of(told) == [(at(1), at(2)), (at(4), at(5)), (at(6), None)]


def test_every_step_is_in_the_outline_with_its_share_of_the_minutes() -> None:
    assert WAY.keys == STEPS
    assert [stop.minutes for stop in WAY.stops] == [5, 5, 6]
