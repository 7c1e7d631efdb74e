"""The sequential test keeps its error rates, stops early, and never contradicts itself."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checks.sequential import Share, SplitTest, batches, divergence

SHARES = st.floats(0.02, 0.98)


@given(SHARES, st.integers(0, 3000), st.integers(0, 3000))
def test_with_weights_turned_round_the_verdict_is_the_same(share: float, a: int, b: int) -> None:
    one = SplitTest({"x": share, "y": 1 - share}, 0.001)
    other = SplitTest({"y": 1 - share, "x": share}, 0.001)
    assert one.judge({"x": a, "y": b}) == other.judge({"y": b, "x": a})


@given(SHARES, st.integers(1, 5000))
def test_answers_exactly_as_asked_are_never_refuted(share: float, total: int) -> None:
    hits = round(total * share)
    test = SplitTest({"x": hits, "y": total - hits}, 0.001)
    assert test.judge({"x": hits, "y": total - hits}, is_last=True) == "accepted"


@given(SHARES, st.integers(0, 500), st.integers(0, 500))
def test_the_last_look_always_has_a_verdict(share: float, a: int, b: int) -> None:
    test = SplitTest({"x": share, "y": 1 - share}, 0.001)
    assert test.judge({"x": a, "y": b}, is_last=True) != "undecided"


@given(SHARES, st.sampled_from([1e-3, 1e-6]))
def test_at_the_cap_even_half_and_double_have_been_told_apart(share: float, rate: float) -> None:
    test = SplitTest({"x": share, "y": 1 - share}, rate)
    for comparison in test.comparisons:
        hits = round(test.cap * comparison.asked)
        assert comparison.evidence(hits, test.cap) > 0


@given(st.integers(1, 1000))
def test_one_answer_that_nobody_asked_for_refutes(total: int) -> None:
    test = SplitTest({"v1": 0, "v2": 100}, 0.001)
    assert test.judge({"v1": 1, "v2": total}) == "refuted"
    assert test.judge({"v2": total, "elsewhere": 1}) == "refuted"


def test_a_stricter_rate_asks_for_more_answers() -> None:
    course, grading = (SplitTest({"v1": 90, "v2": 10}, rate) for rate in (1e-3, 1e-6))
    assert course.judge({"v1": 360, "v2": 40}) == "accepted"
    assert grading.judge({"v1": 360, "v2": 40}) == "undecided"
    assert grading.cap > course.cap


@pytest.mark.parametrize("true", [0.2, 0.05])
def test_half_and_double_pass_less_often_than_promised(true: float) -> None:
    test, runs = SplitTest({"v1": 90, "v2": 10}, 0.01), 300
    accepted = sum(_run(test, true, seed) == "accepted" for seed in range(runs))
    assert accepted <= 3 + runs * 0.01 * 2  # far outside of chance at the promised one in a hundred


def _run(test: SplitTest, true: float, seed: int) -> str:
    draw, hits, total = random.Random(seed), 0, 0
    for size in batches(test.cap):
        hits += sum(draw.random() < true for _ in range(size))
        total += size
        verdict = test.judge({"v1": total - hits, "v2": hits}, is_last=total >= test.cap)
        if verdict != "undecided":
            return verdict
    raise AssertionError("no verdict at the cap")


@given(st.integers(1, 20_000))
def test_batches_reach_the_cap_and_stay_few(cap: int) -> None:
    found = batches(cap)
    assert sum(found) >= cap
    assert len(found) < 40


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_the_interval_holds_what_was_seen(hits: int, more: int) -> None:
    share = Share(hits, hits + more)
    low, high = share.interval()
    assert 0 <= low <= share.share <= high <= 1


@given(SHARES, SHARES)
def test_no_share_diverges_from_itself(a: float, b: float) -> None:
    assert divergence(a, a) == 0
    assert divergence(a, b) >= 0


def test_nothing_asked_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no weight"):
        SplitTest({"v1": 0}, 0.001)
