"""The summary of a batch: figures of what could be graded, and what most failed."""

import csv
import io
import json
from dataclasses import replace

from grading.reports.samples import report, ungradable

from app.grading.report import Item, Report
from app.grading.summary import as_csv, as_json, as_text, summary_of


def marked(earned: float, subject: str = "ann", reasons: tuple[str, ...] = ()) -> Report:
    items = [
        Item("routes", "split", f"c{n}", "T", "failed", 1, 0, reason=r)
        for n, r in enumerate(reasons)
    ]
    return replace(report(), subject=subject, points=10.0, earned=earned, items=tuple(items))


def test_figures_are_of_gradable_reports() -> None:
    found = summary_of([marked(0), marked(4), marked(6), marked(10), ungradable()])
    assert (found.count, found.gradable, found.points) == (5, 4, 10)
    assert (found.mean, found.median, found.quartiles) == (5, 5, (3, 7))
    assert (found.lowest, found.highest) == (0, 10)
    assert found.histogram == (1, 0, 0, 0, 1, 0, 1, 0, 0, 1)


def test_few_and_none_have_a_summary_too() -> None:
    assert summary_of([marked(7)]).quartiles == (7, 7)
    none = summary_of([ungradable()])
    assert (none.gradable, none.mean, sum(none.histogram)) == (0, 0, 0)
    assert b"could not be graded" in as_text(none)


def test_the_checks_that_most_failed_come_first_with_the_usual_reason() -> None:
    found = summary_of([marked(0, reasons=r) for r in (("a", "x"), ("b",), ("b", "x"))])
    assert [(each.check, each.count, each.reason) for each in found.failures] == [
        ("c0", 3, "b"),
        ("c1", 2, "x"),
    ]


def test_the_forms_tell_the_same_and_no_cell_is_a_formula() -> None:
    reports = [marked(4, "=1+1"), marked(6, 'Böb, "B"\nx'), ungradable()]
    rows = list(csv.reader(io.StringIO(as_csv(reports).decode())))
    assert rows[1][:4] == ["'=1+1", "4", "10", "yes"]
    assert rows[3][1] == ""
    assert json.loads(as_json(summary_of(reports)))["mean"] == 5
    assert b"mean 5, median 5" in as_text(summary_of(reports))
