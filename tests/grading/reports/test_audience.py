"""What a learner sees of hidden checks: their marks, and nothing else, in every form."""

from dataclasses import replace

import pytest
from grading.reports.samples import FAILED, HIDDEN, PASSED, SECRET, UNGRADABLE, report

from app.grading.report import Item, State, total
from app.grading.reports.audience import for_learner
from app.grading.reports.document import to_bytes
from app.grading.reports.junit import as_junit
from app.grading.reports.page import as_html
from app.grading.reports.text import as_text


def test_no_form_for_a_learner_says_a_word_of_a_hidden_check() -> None:
    seen = for_learner(report())
    forms = [as_text(seen), as_html(seen), to_bytes(seen).decode(), as_junit([report()]).decode()]
    assert [SECRET in form for form in forms] == [False] * 4
    assert all("Hidden checks" in form for form in forms)


def test_a_marker_reads_all_of_it() -> None:
    assert all(SECRET in form for form in (as_html(report()), to_bytes(report()).decode()))


def test_hidden_checks_keep_their_marks() -> None:
    other = replace(HIDDEN, state="passed", points=0.5, earned=0.5)
    whole = report(PASSED, HIDDEN, other)
    seen = for_learner(whole)
    assert total(seen.items) == total(whole.items)
    assert seen.earned == whole.earned
    assert len(seen.items) == 2


def test_a_report_without_hidden_checks_or_with_revealed_ones_stays_as_it_is() -> None:
    open_report = report(PASSED, FAILED)
    assert for_learner(open_report) is open_report
    assert for_learner(report(), reveal=True) == report()


@pytest.mark.parametrize(
    ("hidden", "state"),
    [
        ([PASSED], "passed"),
        ([PASSED, FAILED], "failed"),
        ([PASSED, UNGRADABLE], "ungradable"),
    ],
)
def test_hidden_checks_pass_only_where_all_do(hidden: list[Item], state: State) -> None:
    items = [replace(item, is_hidden=True) for item in hidden]
    assert for_learner(report(*items)).items[0].state == state
