"""The gate: what a member may do in a step, by rules alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop.conftest import START
from workshop.course import ONE, STEPS, THREE, TWO

from app.workshop.gate import gate, shows_solution
from app.workshop.model import Gating, Member, Plan, Room, StepKey

ANN = Member("m1", "r1", 1, "Ann", "", "learner", START, START)
ROOM = Room("r1", "ACDE-FGHJ", Plan("Monday", ends=START + timedelta(hours=1)), START)
TEACHER = replace(ANN, id="m0", role="instructor")


def gated(gating: Gating, *opened: StepKey) -> Room:
    return replace(ROOM, plan=replace(ROOM.plan, gating=gating), steps=frozenset(opened))


@pytest.mark.parametrize(
    ("room", "passed", "open_"),
    [
        (gated("free"), [], [ONE, TWO, THREE]),
        (gated("opened"), [], []),
        (gated("opened", TWO), [], [TWO]),
        (gated("passed"), [], [ONE]),
        (gated("passed"), [ONE], [ONE, TWO]),
        (gated("passed"), [ONE, TWO], [ONE, TWO, THREE]),
        (gated("passed"), [TWO], [ONE]),
        (gated("passed", THREE), [], [ONE, THREE]),  # opened by hand for who is ahead
    ],
)
def test_a_step_is_open_by_the_rooms_gating(
    room: Room, passed: list[StepKey], open_: list[StepKey]
) -> None:
    found = [step for step in STEPS if gate(room, STEPS, passed, ANN, step, START).may_act]
    assert found == open_


@pytest.mark.parametrize(
    ("room", "member", "why"),
    [
        (replace(ROOM, is_paused=True), ANN, "paused"),
        (replace(ROOM, closed=START), ANN, "ended"),
        (replace(ROOM, plan=Plan("x", ends=START)), ANN, "ended"),
        (ROOM, replace(ANN, place=3), "number 3"),
        (ROOM, replace(ANN, has_left=True), "left"),
        (gated("opened"), ANN, "not opened"),
    ],
)
def test_who_may_not_act_is_told_why_in_a_sentence(room: Room, member: Member, why: str) -> None:
    found = gate(room, STEPS, [], member, ONE, START)
    assert not found.may_act
    assert why in found.why
    assert found.why.endswith(".")


def test_a_pause_or_an_end_leaves_the_page_there_to_read() -> None:
    for room in (replace(ROOM, is_paused=True), replace(ROOM, closed=START)):
        assert gate(room, STEPS, [], ANN, ONE, START).may_read


rooms = st.builds(
    lambda gating, opened, paused, closed: replace(
        gated(gating, *opened), is_paused=paused, closed=START if closed else None
    ),
    st.sampled_from(["free", "opened", "passed"]),
    st.sets(st.sampled_from(STEPS)),
    st.booleans(),
    st.booleans(),
)
members = st.builds(
    lambda place, left: replace(ANN, place=place, has_left=left),
    st.integers(min_value=0, max_value=2),
    st.booleans(),
)


@given(rooms, members, st.sets(st.sampled_from(STEPS)), st.sampled_from(STEPS))
def test_whoever_may_act_may_read_and_whoever_may_not_is_told_why(
    room: Room, member: Member, passed: set[StepKey], step: StepKey
) -> None:
    found = gate(room, STEPS, passed, member, step, START)
    assert found.may_read or not found.may_act
    assert found.may_act == (found.why == "")
    assert not (found.may_act and (room.is_paused or room.is_over(START)))
    assert gate(room, STEPS, passed, TEACHER, step, START).may_act


@given(rooms, members, st.sets(st.sampled_from(STEPS)), st.sampled_from(STEPS))
def test_passing_a_step_never_closes_one(
    room: Room, member: Member, passed: set[StepKey], step: StepKey
) -> None:
    before = [gate(room, STEPS, passed, member, each, START) for each in STEPS]
    after = [gate(room, STEPS, passed | {step}, member, each, START) for each in STEPS]
    for one, other in zip(before, after, strict=True):
        assert other.may_act >= one.may_act
        assert other.may_read >= one.may_read


def test_a_step_of_another_room_is_nobodys() -> None:
    assert not gate(ROOM, STEPS, [], TEACHER, ("gamma", "x"), START).may_read


def test_a_solution_is_shown_when_it_was_revealed_or_has_nothing_left_to_tell() -> None:
    led = gated("opened", ONE)
    assert not shows_solution(led, ANN, ONE, passed=False)
    assert shows_solution(led, ANN, ONE, passed=True)
    assert shows_solution(led, TEACHER, ONE, passed=False)
    assert shows_solution(replace(led, revealed=frozenset([ONE])), ANN, ONE, passed=False)
    assert shows_solution(gated("free"), ANN, ONE, passed=False)
