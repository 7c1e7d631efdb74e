"""The HTML page: whole, without a script, and safe whatever it shows."""

import base64
import hashlib
import re

import pytest
from grading.reports.reading import assert_safe
from grading.reports.samples import HOSTILE, LATE, hostile, report, reports, ungradable
from hypothesis import given

from app.grading.report import Report
from app.grading.reports.page import as_html


@given(reports())
def test_any_report_is_a_whole_page_without_anything_that_acts_or_loads(made: Report) -> None:
    assert_safe(as_html(made))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_text_stays_text(text: str) -> None:
    page = as_html(hostile(text))
    assert_safe(page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", page)


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    page = as_html(report())
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    metas = [attributes for tag, attributes in assert_safe(page).elements if tag == "meta"]
    policy = next(meta["content"] for meta in metas if "http-equiv" in meta)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_it_shows_marks_messages_and_what_was_seen() -> None:
    text = "".join(assert_safe(as_html(report(deductions=(LATE,)))).text)
    for said in (
        "1.75 of 7.5 points",
        "Expected a refusal, seen status 200.",
        "kubectl get peerauthentication -A",
        "HTTP/1.1 200 OK\n<b>hello</b>",
        "-0.25",
        "kubectl",
        "v1.36.1",
    ):
        assert said in text


def test_what_failed_is_opened_and_no_mark_is_told_where_there_is_none() -> None:
    page = as_html(ungradable())
    assert '<details open="">' in page
    assert "No mark: it could not be graded" in page
