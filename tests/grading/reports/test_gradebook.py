"""The CSV files, read as Canvas and Moodle read them."""

import csv
import io
import re
from dataclasses import replace

import pytest
from grading.reports.samples import FAILED, HOSTILE, PASSED, hostile, report, reports, ungradable
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.grading.report import Report
from app.grading.reports.gradebook import as_canvas, as_moodle

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '=HYPERLINK("x")', "＝1", "\n-2")


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def named(name: str) -> Report:
    return report(PASSED, FAILED, subject=name)


def test_canvas_finds_its_columns_the_maximum_and_each_learner() -> None:
    assert rows(as_canvas([named("Lee, Ann"), replace(named("Bo"), earned=0.05)])) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Week 3"],
        ["    Points Possible", "", "", "", "", "3.5"],
        ["Lee, Ann", "", "s007", "ann@example.org", "", "2"],
        ["Bo", "", "s007", "ann@example.org", "", "0.05"],
    ]


def test_canvas_leaves_a_mark_alone_where_there_is_none() -> None:
    assert rows(as_canvas([ungradable(), named("Bo")]))[2][-1] == ""


@pytest.mark.parametrize("column", ["Final Grade", "My Current Score", "Section", "ID"])
def test_a_column_that_canvas_would_not_import_is_refused(column: str) -> None:
    with pytest.raises(Refused, match="keeps the column"):
        as_canvas([named("Ann")], column)
    assert rows(as_canvas([named("Ann")], "Lab 3 (4711)"))[0][-1] == "Lab 3 (4711)"


def test_a_learner_called_points_possible_sets_no_maximum() -> None:
    found = rows(as_canvas([named("Points Possible"), named("x Points Possible y")]))
    assert [row[0] for row in found if "Points Possible" in row[0]] == ["    Points Possible"]


@pytest.mark.parametrize("name", [*EVIL, *HOSTILE])
def test_no_cell_is_a_formula_and_no_record_has_two_lines(name: str) -> None:
    """Canvas tells the separator from the first lines, a line break in a name would mislead it."""
    for data in (as_canvas([hostile(name), named("Bo")], "Lab"), as_moodle([hostile(name)], "Lab")):
        text = data.decode("utf-8")
        assert len(text.splitlines()) == len(rows(data))
        cells = [cell for row in rows(data) for cell in row]
        assert [cell for cell in cells if re.match(r"\s*[=+@＝＋－＠]|\s*-.", cell)] == []


@given(st.lists(reports(), max_size=4))
def test_every_row_has_every_column(made: list[Report]) -> None:
    for data in (as_canvas(made, "Lab"), as_moodle(made, "Lab")):
        found = rows(data)
        assert {len(row) for row in found} == {len(found[0])}
    assert len(rows(as_moodle(made, "Lab"))) == len(made) + 1


def test_moodle_reads_who_it_is_the_mark_and_each_lesson() -> None:
    other = replace(PASSED, lesson="canary")
    first = report(PASSED, FAILED, other, subject="Zoë “Z” O'Neil")
    assert rows(as_moodle([first, ungradable()])) == [
        ["Full name", "ID number", "Email address", "Week 3", "Week 3: mtls", "Week 3: canary"],
        ["Zoë “Z” O'Neil", "s007", "ann@example.org", "4", "2", "2"],
        ["Ann Lee", "s007", "ann@example.org", "-", "-", "-"],
    ]


def test_both_files_are_utf_8_without_a_mark_before_it() -> None:
    for data in (as_canvas([named("名前")]), as_moodle([named("名前")])):
        assert not data.startswith(b"\xef\xbb\xbf")
        assert "名前" in data.decode("utf-8")


def test_a_lower_maximum_counts_in_proportion() -> None:
    """A rubric may leave out what could not be tried; a gradebook has one maximum for all."""
    half = replace(report(PASSED), points=2.0, earned=1.0)
    full = replace(report(PASSED), points=3.5, earned=3.5)
    assert [row[-1] for row in rows(as_canvas([half, full]))[1:]] == ["3.5", "1.75", "3.5"]
    assert [row[3] for row in rows(as_moodle([half, full]))[1:]] == ["1.75", "3.5"]
