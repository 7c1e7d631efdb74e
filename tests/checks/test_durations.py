"""Durations as Istio writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checks.durations import seconds_of, shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("500ms", 0.5), ("0.5s", 0.5), ("1m30s", 90), ("1h", 3600), ("0s", 0)],
)
def test_each_way_to_write_a_duration_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "five", "5s!", "-5s"])
def test_what_is_none_is_none(text: str) -> None:
    assert seconds_of(text) is None


@given(st.integers(0, 100_000))
def test_whole_seconds_survive_the_way_there_and_back(seconds: int) -> None:
    assert seconds_of(shown(seconds).replace(" ", "")) == pytest.approx(seconds, rel=1e-5)
