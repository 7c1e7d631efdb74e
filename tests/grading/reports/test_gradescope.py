"""results.json, by the rules of Gradescope's autograder specification."""

import json
from typing import get_args

import pytest
from grading.reports.samples import (
    HIDDEN,
    HINTS,
    HOSTILE,
    LATE,
    hostile,
    report,
    reports,
    ungradable,
)
from hypothesis import given

from app.errors import Unavailable
from app.grading.report import Report
from app.grading.reports.gradescope import Visibility, as_gradescope

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = set(get_args(Visibility))
TOP: dict[str, type | tuple[type, ...]] = {
    "score": (int, float),
    "execution_time": int,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
}
TEST: dict[str, type | tuple[type, ...]] = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "output": str,
    "visibility": str,
}
Results = dict[str, object]


def listed(results: Results) -> list[Results]:
    found = results["tests"]
    assert isinstance(found, list)
    return found


def read(data: bytes) -> Results:
    """Return results.json; it holds every field that Gradescope may ask for, and no unknown one."""
    results: Results = json.loads(data)
    for table, fields in [(TOP, results), *((TEST, test) for test in listed(results))]:
        assert set(fields) == set(table)
        assert all(isinstance(fields[name], kind) for name, kind in table.items())
        assert fields["visibility"] in VISIBILITIES
    assert results["stdout_visibility"] in VISIBILITIES
    formats = ("output_format", "test_output_format", "test_name_format")
    assert {results[name] for name in formats} <= FORMATS
    for test in listed(results):
        assert test["status"] in {"passed", "failed"}
    return results


@given(reports())
def test_any_mark_is_told_by_the_rules(made: Report) -> None:
    if made.gradable:
        assert len(listed(read(as_gradescope(made)))) == len(made.items)


def test_the_mark_counts_and_what_was_taken_off_is_told() -> None:
    results = read(as_gradescope(report(deductions=(LATE, HINTS))))
    assert results["score"] == 1.25
    assert results["output"] == (
        "Week 3: 1.25 of 7.5 points\n"
        "-0.25  Late: 1 day late: 10 %\n"
        "-0.5  Hints: hints opened: 1 (mtls / strict)"
    )
    assert results["execution_time"] == 136


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_hidden_checks_are_seen_when_it_was_said(visibility: Visibility) -> None:
    tests = listed(read(as_gradescope(report(), hidden=visibility)))
    assert [test["visibility"] for test in tests] == ["visible"] * 3 + [visibility]
    assert tests[3]["max_score"] == HIDDEN.points


def test_what_is_printed_while_grading_is_hidden() -> None:
    assert read(as_gradescope(report()))["stdout_visibility"] == "hidden"


@pytest.mark.parametrize("text", HOSTILE)
def test_all_text_is_plain_text_without_controls(text: str) -> None:
    results = read(as_gradescope(hostile(text)))
    assert {results["output_format"], results["test_output_format"]} == {"text"}
    said = " ".join(f"{test['name']}{test['output']}" for test in listed(results))
    assert not set("\x00\x07\x08\x1b\u202e") & set(said)


def test_without_a_mark_there_are_no_results() -> None:
    with pytest.raises(Unavailable, match="cluster does not answer"):
        as_gradescope(ungradable())
