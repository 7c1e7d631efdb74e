"""The page of a whole batch: its figures, its checks, its links, and nothing that acts."""

import re

import pytest
from grading.reports.reading import assert_safe
from grading.reports.samples import (
    FAILED,
    HOSTILE,
    PASSED,
    SECRET,
    hostile,
    report,
    reports,
    ungradable,
)
from hypothesis import given
from hypothesis import strategies as st

from app.grading.forms import file_name
from app.grading.report import Report
from app.grading.reports.class_page import as_class_page
from app.grading.summary import summary_of

MORE = frozenset({"a", "svg"})
ATTRIBUTES = frozenset({"href", "viewBox", "preserveAspectRatio", "aria-hidden"})
SIZES = frozenset({"width", "height", "fill"})


def page_of(*made: Report) -> str:
    return as_class_page(summary_of(made), made, lambda one: f"{file_name(one.subject)}.html")


def assert_good(page: str) -> str:
    """Return what the page says; every link of it leads to a file beside it."""
    reader = assert_safe(page, tags=MORE, names=ATTRIBUTES | SIZES)
    links = [attributes["href"] for tag, attributes in reader.elements if tag == "a"]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+\.html", link or "") for link in links)
    return "\n".join(reader.text)


@given(st.lists(reports(), max_size=3))
def test_any_batch_has_a_safe_page(made: list[Report]) -> None:
    assert_good(page_of(*made))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_name_stays_text(text: str) -> None:
    assert_good(page_of(hostile(text)))


def test_it_tells_figures_checks_and_each_mark() -> None:
    said = assert_good(page_of(report(PASSED, FAILED), report(PASSED, subject="Bo"), ungradable()))
    for words in ("3 submissions, 1 could not be graded", "2 of 3.5 points", "no mark"):
        assert words in said
    assert re.search(r"Mutual TLS is strict\nmtls / strict\n2\n", said)
    assert re.search(r"Plain text is refused\nmtls / strict\n1\n1\n", said)


def test_it_names_hidden_checks_since_it_is_for_the_marker() -> None:
    said = assert_good(page_of(report()))
    assert SECRET in said
    assert "hidden from learners" in said
