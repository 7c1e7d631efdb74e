"""What a check earns, what counts against nobody, what help and lateness take off."""

from datetime import datetime, timedelta

import pytest
from grading.sample import COURSE, NOON, SPLIT, FakeDesk, FakeWorkplace, Found, now
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ClusterUnavailable
from app.grading.report import Report
from app.grading.rubric import Late, Prices, Rubric, default_rubric, spread
from app.grading.state import Subject, grade_state
from app.progress.model import Journey, StepState

WHERE = ("routes", "split")
ANN = Subject("Ann", "owner", submitted=NOON)
NO_JOURNEY = Journey()


async def report(
    rubric: Rubric, found: Found, journey: Journey = NO_JOURNEY, subject: Subject = ANN
) -> Report:
    """Grade the sample's course where its checks find this."""
    desk = FakeDesk(found=found)
    return await grade_state(COURSE, rubric, subject, desk, FakeWorkplace(), journey, now=now)


def rubric(**changes: object) -> Rubric:
    """The sample's own points: 1 and 3 for the split, 1 for each question."""
    return Rubric("Own", default_rubric(COURSE).steps, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "states", "mark"),
    [
        ([True, True], ["passed", "passed"], (6, 6, True)),
        ([True, "wrong-weights"], ["passed", "failed"], (6, 3, True)),
        (["two", "needs"], ["failed", "skipped"], (6, 2, True)),
        (["unreachable", "needs"], ["ungradable", "ungradable"], (2, 2, False)),
        ([True, "too-slow"], ["passed", "ungradable"], (3, 3, False)),
        ([True, "no-probe"], ["passed", "failed"], (6, 3, True)),  # there is no mesh to ask in
    ],
)
async def test_a_result_becomes_a_mark(
    found: list[bool | str], states: list[str], mark: tuple[float, float, bool]
) -> None:
    got = await report(rubric(), {WHERE: found})
    assert [item.state for item in got.items if item.step == "split"] == states
    assert (got.points, got.earned, got.gradable) == mark
    assert bool(got.problem) is not got.gradable


async def test_what_was_skipped_may_leave_the_maximum_too() -> None:
    got = await report(rubric(skipped="excluded"), {WHERE: ["two", "needs"]})
    assert (got.points, got.earned) == (3, 2)


async def test_without_a_cluster_nothing_is_marked_and_versions_are_empty() -> None:
    place = FakeWorkplace(error=ClusterUnavailable("Gone."))
    desk = FakeDesk(found={WHERE: ["unreachable", "unreachable"]})
    got = await grade_state(COURSE, rubric(), ANN, desk, place, NO_JOURNEY, now=now)
    assert (got.gradable, got.versions.cluster, got.versions.tools) == (False, "", {})
    assert got.versions.course == "course-digest"


def state(**changes: object) -> Journey:
    at = {"first_seen": NOON, "last_seen": NOON, **changes}
    return Journey({WHERE: StepState(*WHERE, **at)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prices", "journey", "taken"),
    [
        (Prices(), state(hints=3, solution_shown=True, attempts=9), []),
        (Prices(hint=0.5), state(hints=3), [("hints", 1.5)]),
        (Prices(attempt=0.25, free_attempts=2), state(attempts=4), [("attempts", 0.5)]),
        (
            Prices(hint=1, solution=3),
            state(hints=2, solution_shown=True),
            [("hints", 2), ("solution", 2)],
        ),
        (Prices(hint=9), state(hints=1), [("hints", 4)]),  # no more than the step has earned
    ],
)
async def test_help_costs_what_the_rubric_says(
    prices: Prices, journey: Journey, taken: list[tuple[str, float]]
) -> None:
    got = await report(rubric(prices=prices), {}, journey)
    assert [(each.why, each.points) for each in got.deductions] == taken
    assert got.earned == 6 - sum(points for _, points in taken)


@pytest.mark.parametrize(
    ("late_by", "taken"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=1), 0.6),
        (timedelta(days=1), 0.6),
        (timedelta(days=1, seconds=1), 1.2),
        (timedelta(days=40), 3),
    ],
)
async def test_each_day_begun_costs_its_part(late_by: timedelta, taken: float) -> None:
    late = Late(NOON, "day", percent=10, most=50)
    subject = Subject("Ann", "owner", submitted=NOON + late_by)
    got = await report(rubric(late=late), {}, subject=subject)
    assert got.earned == 6 - taken


async def test_a_mark_is_never_below_nothing() -> None:
    late = Late(NOON - timedelta(days=99), "hour", percent=100)
    got = await report(rubric(late=late), {WHERE: ["two", "needs"], ("routes", "wins"): ["no"]})
    assert got.earned == 0


async def test_hidden_checks_are_hidden_until_they_are_revealed() -> None:
    hidden = SPLIT.checks[1]
    steps = [step for step in rubric().steps if step.step == "split"]
    for is_revealed in (False, True):
        own = Rubric(
            "Own",
            tuple(type(s)(s.lesson, s.step, s.points, (hidden,)) for s in steps),
            is_revealed=is_revealed,
        )
        got = await report(own, {})
        assert [item.is_hidden for item in got.items] == [False, not is_revealed]


@given(
    st.integers(0, 100_000),
    st.dictionaries(st.text(max_size=3), st.floats(0.1, 50), min_size=1, max_size=9),
)
def test_spread_points_add_up_to_the_hundredth(hundredths: int, shares: dict[str, float]) -> None:
    got = spread(hundredths / 100, shares)
    assert sum(round(points * 100) for points in got.values()) == hundredths
    whole = sum(shares.values())
    assert all(abs(got[key] - hundredths / 100 * shares[key] / whole) < 0.0101 for key in shares)


def test_the_deadline_counts_in_its_own_zone() -> None:
    late = Late(datetime.fromisoformat("2026-12-01T13:00:00+01:00"), "day", 10)
    assert late.deadline == NOON
