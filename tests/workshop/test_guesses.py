"""Wrong codes: a class that mistypes gets in, a machine that guesses does not."""

import pytest

from app.errors import Unavailable
from app.workshop.guesses import IN_ALL, KEPT, PER_MINUTE, Guesses


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wrong(guesses: Guesses, address: str, times: int) -> None:
    for _ in range(times):
        guesses.admit(address)
        guesses.wrong(address)


def test_who_was_wrong_too_often_waits_and_comes_in_later(clock: Clock) -> None:
    guesses = Guesses(clock)
    wrong(guesses, "192.0.2.1", PER_MINUTE)
    with pytest.raises(Unavailable, match="too many"):
        guesses.admit("192.0.2.1")
    guesses.admit("192.0.2.2")
    clock.now += 60.0 / PER_MINUTE + 0.01
    guesses.admit("192.0.2.1")


def test_many_addresses_together_guess_no_faster_than_the_whole_allows(clock: Clock) -> None:
    guesses = Guesses(clock)
    for number in range(IN_ALL):
        wrong(guesses, f"198.51.{number // 200}.{number % 200}", 1)
    with pytest.raises(Unavailable):
        guesses.admit("203.0.113.9")


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.1", "192.0.2.1"), ("odd", "odder")],
)
def test_two_addresses_of_one_host_count_together(clock: Clock, one: str, other: str) -> None:
    guesses = Guesses(clock)
    wrong(guesses, one, PER_MINUTE)
    with pytest.raises(Unavailable):
        guesses.admit(other)


def test_memory_of_addresses_is_bounded(clock: Clock) -> None:
    guesses = Guesses(clock)
    for number in range(KEPT + 100):
        clock.now += 1.0
        wrong(guesses, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1)
    assert len(guesses._addresses) == KEPT


def test_a_clock_that_jumps_back_gives_nothing_away(clock: Clock) -> None:
    guesses = Guesses(clock)
    wrong(guesses, "192.0.2.1", PER_MINUTE)
    clock.now -= 500
    with pytest.raises(Unavailable):
        guesses.admit("192.0.2.1")
