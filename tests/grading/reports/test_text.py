"""The plain text of a report: what it says, how wide it is, what it lets through."""

import re

import pytest
from grading.reports.samples import HOSTILE, LATE, PASSED, hostile, report, ungradable
from rich.cells import cell_len

from app.grading.reports.text import as_text


def test_it_says_the_mark_each_check_and_why_it_failed() -> None:
    text = as_text(report(deductions=(LATE,)))
    assert "Week 3: Ann Lee" in text
    assert "1.75 of 7.5 points · site · 2026-11-23 09:02:16 UTC" in text
    assert re.search(r"mtls / strict +Mutual TLS is strict +passed +2/2\n", text)
    assert re.search(r"Plain text is refused +failed +0/1\.5\n", text)
    assert re.search(r"Late: 1 day late: 10 % +taken off +-0\.25\n", text)
    assert "    Expected a refusal, seen status 200.\n    Look at the policy's namespace.\n" in text
    assert "    look: kubectl get peerauthentication -A\n" in text


def test_a_report_without_a_mark_says_why() -> None:
    text = as_text(ungradable())
    assert "no mark: it could not be graded" in text
    assert "Why: The cluster does not answer." in text


@pytest.mark.parametrize("text", [*HOSTILE, "[bold]x[/bold]", ":smile:", "w" * 5000])
def test_a_strangers_text_neither_colours_nor_widens_it(text: str) -> None:
    written = as_text(hostile(text))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", written)
    assert max(cell_len(row) for row in written.splitlines()) <= 100
    assert text not in ("[bold]x[/bold]", ":smile:") or text in written


def test_what_passed_needs_no_words() -> None:
    assert as_text(report(PASSED)).count("Mutual TLS is strict") == 1
