"""A report as Gradescope's results.json.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import json
from typing import Final, Literal

from app.errors import Unavailable
from app.grading.report import Item, Report
from app.grading.reports.wording import DEDUCTIONS, STATES, line, marks, outcome, place, shown

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
OUTPUT_BYTES: Final = 20_000  # of one test: far below what Gradescope takes for a whole file


def as_gradescope(report: Report, *, hidden: Visibility = "hidden") -> bytes:
    """Return results.json. Hidden checks are in it whole: `hidden` says who sees them, and when.

    While a test is hidden Gradescope shows no total to learners either.
    Raises: Unavailable where there is no mark: without results Gradescope says that its autograder
    failed, and records none.
    """
    if not report.gradable:
        raise Unavailable(f"There is no mark to hand to Gradescope: {line(report.problem)}")
    seconds = max(0, round((report.ended - report.started).total_seconds()))
    results = {
        "score": report.earned,
        "execution_time": seconds,
        "output": _summary(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # what the autograder prints is for its operator
        "tests": [_test(item, hidden) for item in report.items],
        "extra_data": {
            "schema": report.schema,
            "trust": report.trust,
            "course": report.versions.course,
            "checks": report.versions.checks,
            "rubric": report.rubric,
            "submission": report.submission,
        },
    }
    text = json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="replace") + b"\n"


def _summary(report: Report) -> str:
    rows = [f"{line(report.title) or 'Result'}: {outcome(report)}"]
    for each in report.deductions:
        text = f"{DEDUCTIONS[each.why]}: {line(each.text)}"
        where = f" ({line(each.lesson)} / {line(each.step)})" if each.step else ""
        rows.append(f"-{marks(each.points)}  {text}{where}")
    return "\n".join(rows)


def _test(item: Item, hidden: Visibility) -> dict[str, object]:
    where = place(item)
    return {
        "name": f"{where}: {line(item.title)}" if where else line(item.title),
        "score": item.earned,
        "max_score": item.points,
        "status": "passed" if item.state == "passed" else "failed",
        "output": _output(item),
        "visibility": hidden if item.is_hidden else "visible",
    }


def _output(item: Item) -> str:
    rows = [f"{STATES[item.state].capitalize()}. {shown(item.message)}".rstrip()]
    rows += [f"look: {line(item.look)}"] if item.look else []
    rows += [f"{line(title)}\n{shown(text)}" for title, text in item.evidence]
    data = "\n\n".join(rows).encode("utf-8", errors="replace")
    return data[:OUTPUT_BYTES].decode("utf-8", errors="ignore")
