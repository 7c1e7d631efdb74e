"""Queries come to what Prometheus would say."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.addons.metrics.database import Database
from app.sandbox.addons.promql.evaluate import query, query_range
from app.sandbox.addons.promql.nodes import QueryError
from app.sandbox.addons.promql.vectors import Value

STEP_S = 15.0
END = 600.0


def counted() -> Database:
    """Ten minutes of a service with two versions: 2 and 1 requests a second, some of them 500."""
    database = Database()
    rates = {("v1", "200"): 2.0, ("v2", "200"): 0.9, ("v2", "500"): 0.1}
    series = {
        key: database.series("requests_total", {"version": key[0], "code": key[1], "app": "web"})
        for key in rates
    }
    buckets = {
        le: database.series("took_bucket", {"le": le, "app": "web"})
        for le in ("10", "100", "1000", "+Inf")
    }
    gauge = database.series("up", {"job": "a"})
    at = 0.0
    while at <= END:
        for key, rate in rates.items():
            found = series[key]
            assert found is not None
            found.value = 100 + rate * at
        for le, share in (("10", 0.5), ("100", 0.9), ("1000", 1.0), ("+Inf", 1.0)):
            bucket = buckets[le]
            assert bucket is not None
            bucket.value = share * at
        assert gauge is not None
        gauge.value = 1.0
        database.scrape(at)
        at += STEP_S
    return database


DATABASE = counted()


def said(expression: str) -> dict[str, float]:
    """Return a vector as a table: labels `a=b,c=d` → value, rounded."""
    value: Value = query(DATABASE, expression, END)
    if isinstance(value, float):
        return {"": round(value, 6)}
    assert isinstance(value, list)
    return {
        ",".join(f"{key}={each}" for key, each in labels): round(number, 6)
        for labels, number in value
    }


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", {"": 7}),
        ("-2 ^ 2", {"": -4}),
        ("2 ^ 3 ^ 2", {"": 512}),
        ("(1 + 2) * 3 % 5", {"": 4}),
        ("1 / 0", {"": math.inf}),
        ("3 >= bool 2", {"": 1}),
        ("time()", {"": 600}),
        ('requests_total{code="500"}',
         {"__name__=requests_total,app=web,code=500,version=v2": 160}),
        ('sum(requests_total{version="v1"} offset 5m)', {"": 700}),
        ("sum(rate(requests_total[1m]))", {"": 3}),
        ("sum by (version) (rate(requests_total[1m]))", {"version=v1": 2, "version=v2": 1}),
        ("sum(rate(requests_total[5m])) by (code)", {"code=200": 2.9, "code=500": 0.1}),
        ("sum without (app, code) (increase(requests_total[1m]))",
         {"version=v1": 120, "version=v2": 60}),
        ('sum(irate(requests_total{code=~"2..|3.."}[1m]))', {"": 2.9}),
        ('sum(rate(requests_total{code!~"5.*"}[1m]))', {"": 2.9}),
        ('sum(rate(requests_total{code!="500"}[1m]))', {"": 2.9}),
        ('sum by (version) (rate(requests_total{code="500"}[1m])) '
         "/ sum by (version) (rate(requests_total[1m]))", {"version=v2": 0.1}),
        ('100 * sum(rate(requests_total{code="500"}[1m])) / sum(rate(requests_total[1m]))',
         {"": 3.333333}),
        ("topk(1, sum by (version) (rate(requests_total[1m])))", {"version=v1": 2}),
        ("bottomk(1, sum by (version) (rate(requests_total[1m])))", {"version=v2": 1}),
        ("count(requests_total)", {"": 3}),
        ("avg(requests_total) >= 700", {"": 700}),
        ("avg(requests_total) > 701", {}),
        ("max by (app) (requests_total) - min by (app) (requests_total)", {"app=web": 1140}),
        ("quantile(0.5, requests_total)", {"": 640}),
        ("histogram_quantile(0.5, sum by (le) (rate(took_bucket[1m])))", {"": 10}),
        ("histogram_quantile(0.7, rate(took_bucket[1m]))", {"app=web": 55}),
        ("histogram_quantile(0.99, sum by (le) (rate(took_bucket[1m])))", {"": 910}),
        ("up or requests_total{version='v1'}",
         {"__name__=up,job=a": 1, "__name__=requests_total,app=web,code=200,version=v1": 1300}),
        ('requests_total and on (version) requests_total{code="500"}',
         {"__name__=requests_total,app=web,code=200,version=v2": 640,
          "__name__=requests_total,app=web,code=500,version=v2": 160}),
        ('requests_total unless on (version) requests_total{code="500"}',
         {"__name__=requests_total,app=web,code=200,version=v1": 1300}),
        ("requests_total / on (version) group_left sum by (version) (requests_total)",
         {"app=web,code=200,version=v1": 1, "app=web,code=200,version=v2": 0.8,
          "app=web,code=500,version=v2": 0.2}),
        ("absent(nothing)", {"": 1}),
        ("scalar(up) + 1", {"": 2}),
        ("round(sum(rate(requests_total[1m])) / 7, 0.1)", {"": 0.4}),
        ("max_over_time(up[5m])", {"job=a": 1}),
        ("rate(nothing[1m])", {}),
        ("clamp_max(requests_total{version='v1'}, 5)", {"app=web,code=200,version=v1": 5}),
        ('{job="a"}', {"__name__=up,job=a": 1}),
        ("sum(up / 0)", {"": math.inf}),
        ("round(up / 0)", {"job=a": math.inf}),
        ("count(round(up, 0))", {"": 1}),
        ("(0 - 8) ^ 0.5 == bool 1", {"": 0}),
    ],
)  # fmt: skip
def test_an_expression_comes_to(expression: str, expected: dict[str, float]) -> None:
    assert said(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "no expression found"),
        ("sum(", "unexpected end of input"),
        ("rate(up)", "expected type range vector"),
        ("up[5m]]", "unexpected"),
        ("rate(sum(up)[5m])", "ranges only allowed for vector selectors"),
        ("up[5m:1m]", "does not know subqueries"),
        ("up @ 5", "does not know the modifier @"),
        ("label_replace(up, 'a', 'b', 'c', 'd')", "does not know the function label_replace"),
        ("count_values('a', up)", "does not know the aggregation count_values"),
        ("{}", "at least one non-empty matcher"),
        ("up{a=~'('}", "error parsing regexp"),
        ("up{a=~'(?i)x'}", "cannot read"),
        ("1 > 2", "must use BOOL modifier"),
        ("requests_total / on (app) requests_total", "many-to-many matching not allowed"),
        ("requests_total / on (app) up{job='b'} + on(app) sum by (app) (requests_total) or $", "$"),
        ("(" * 100 + "1" + ")" * 100, "nested too deeply"),
        ("topk(up)", "expected 2, got 1"),
        ("up offset 0s", "greater than 0"),
        ("sum(up) offset 5m", "offset modifier must be preceded"),
        ("x" * 20_000, "longer than"),
        ("+".join("1" * 4_000), "more than 200 operators"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(expression: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason.replace("$", r"\$")):
        query(DATABASE, expression, END)


def test_a_hostile_pattern_takes_no_time_worth_speaking_of() -> None:
    database = Database()
    database.series("a", {"b": "x" * 40})
    database.scrape(1.0)
    assert query(database, 'a{b=~"(x+x+)+y"}', 1.0) == []


def test_a_counter_that_began_anew_is_not_taken_for_a_fall() -> None:
    database = Database()
    series = database.series("c", {})
    assert series is not None
    for at, value in enumerate((100.0, 130.0, 10.0, 40.0)):
        series.value = value
        database.scrape(at * STEP_S)
    value = query(database, "increase(c[46s])", 45.0)
    assert isinstance(value, list)
    assert value[0][1] == pytest.approx(70 * 46 / 45)


async def test_a_range_has_a_value_for_each_step() -> None:
    found = await query_range(DATABASE, "sum(rate(requests_total[1m]))", 300, 600, 60)
    assert [(labels, len(samples)) for labels, samples in found] == [((), 6)]
    assert {round(value, 6) for _, value in found[0][1]} == {3.0}


async def test_a_range_of_too_many_steps_is_refused() -> None:
    with pytest.raises(QueryError, match="11,000 points"):
        await query_range(DATABASE, "up", 0, 600, 0.01)


WORDS = [
    "up",
    "requests_total",
    "sum",
    "rate",
    "topk",
    "by",
    "(",
    ")",
    "{",
    "}",
    "[5m]",
    "[",
    "1",
    "-",
    "+",
    "/",
    "^",
    "%",
    "and",
    "unless",
    "on",
    "group_left",
    ",",
    "=",
    "=~",
    '"a.*"',
    "0",
    "job",
    "offset",
    "5m",
    ">",
    "bool",
    "round",
    "histogram_quantile",
    "inf",
    "exp",
    "@",
    ":",
]


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_whatever_is_asked_is_answered_or_refused(words: list[str]) -> None:
    with suppress(QueryError):
        query(DATABASE, " ".join(words), END)


@given(st.text(max_size=40))
def test_whatever_is_written_is_answered_or_refused(text: str) -> None:
    with suppress(QueryError):
        query(DATABASE, text, END)
