"""Samples are kept for an hour, and come back as they were taken."""

import pytest

from app.sandbox.addons.metrics.database import RETENTION_S, Database


def test_a_value_that_does_not_change_has_a_sample_at_each_scrape() -> None:
    database = Database()
    series = database.series("a", {"b": "c"})
    assert series is not None
    for at in (0.0, 15.0, 30.0):
        series.value = 4.0
        database.scrape(at)
    assert database.samples(series, -1, 30) == [(0.0, 4.0), (15.0, 4.0), (30.0, 4.0)]
    assert database.samples(series, 0, 15) == [(15.0, 4.0)]


def test_a_series_that_appears_later_was_0_at_the_scrape_before() -> None:
    database = Database()
    database.scrape(0.0)
    series = database.series("a", {})
    assert series is not None
    series.value = 200.0
    database.scrape(15.0)
    assert database.samples(series, -1, 15) == [(0.0, 0.0), (15.0, 200.0)]


def test_what_was_there_at_the_first_scrape_was_not_0_before() -> None:
    database = Database()
    series = database.series("a", {})
    assert series is not None
    series.value = 200.0
    database.scrape(15.0)
    assert database.samples(series, -1, 15) == [(15.0, 200.0)]


def test_a_series_that_has_ended_has_no_sample_any_more() -> None:
    database = Database()
    series = database.series("a", {})
    assert series is not None
    series.value = 1.0
    database.scrape(0.0)
    series.ended = 10.0
    database.scrape(15.0)
    assert database.at(series, 15.0) is None
    assert database.at(series, 5.0) == (0.0, 1.0)


def test_after_an_hour_nothing_is_left_of_an_ended_series() -> None:
    database = Database()
    database.series("a", {})
    ended = database.series("b", {})
    assert ended is not None
    ended.ended = 1.0
    at = 0.0
    while at <= RETENTION_S + 30:
        database.scrape(at)
        at += 15.0
    assert (len(database), database.names()) == (1, ["a"])
    assert len(database.scrapes) == pytest.approx(RETENTION_S / 15, abs=2)


def test_an_old_sample_is_not_taken_for_now() -> None:
    database = Database()
    series = database.series("a", {})
    assert series is not None
    database.scrape(0.0)
    assert database.at(series, 299.0) is not None
    assert database.at(series, 301.0) is None


def test_a_sample_of_today_is_found() -> None:
    database = Database()
    series = database.series("a", {})
    assert series is not None
    series.value = 1.0
    database.scrape(1_795_455_184.145085)
    assert database.at(series, 1_795_455_190.0) == (1_795_455_184.145085, 1.0)


def test_a_clock_that_is_set_back_does_not_mix_the_samples() -> None:
    database = Database()
    database.scrape(100.0)
    database.scrape(50.0)
    assert list(database.scrapes) == [100.0, 100.001]
