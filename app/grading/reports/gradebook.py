"""Marks of many learners as the CSV files that Canvas and Moodle import.

A learner chooses the own name, and a spreadsheet obeys a cell that begins like a formula: such a
cell is led by an apostrophe. Names lose line breaks, at which Canvas takes commas for no separator.
Source: Canvas, lib/gradebook_importer.rb; Moodle, grade/import/csv.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from app.errors import Refused
from app.grading.report import Report, rounded, total
from app.grading.reports.wording import line, marks

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
POINTS_POSSIBLE: Final = "Points Possible"
CANVAS: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE: Final = ("Full name", "ID number", "Email address")
NO_MARK: Final = "-"  # Moodle's own sign for it; an empty cell of a new column would become 0
# Canvas leaves out a column whose name holds one of these, and reads others as a learner's data.
_CANVAS_OWN: Final = re.compile(
    r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)|^(Student|LastName"
    r"|FirstName|ID|SIS User ID|SIS Login ID|Section|Integration ID|Root Account|Notes)$"
)


def as_canvas(reports: Sequence[Report], column: str = "") -> bytes:
    """Return Canvas' gradebook file with one column of marks; ungradable learners have none there.

    `column` names the assignment, by default the rubric's title; `Title (123)` is the one with
    Canvas' number 123. The learner's number goes to `SIS User ID`, the e-mail to `SIS Login ID`.
    Raises: Refused when Canvas would take the column for one of its own.
    """
    name = line(column or _title(reports))
    if _CANVAS_OWN.search(name):
        raise Refused(
            f"Canvas keeps the column “{name}” for itself.",
            hint="Give the rubric another title, or name the column.",
        )
    possible = _possible(reports)
    rows = [
        [*CANVAS, name],
        [f"    {POINTS_POSSIBLE}", "", "", "", "", marks(possible)],
        *(
            [
                _not_points_possible(line(report.subject)),
                "",
                line(report.student_id),
                line(report.email),
                "",
                _mark(report, possible) or "",
            ]
            for report in reports
        ),
    ]
    return table(rows, keep_first_cell_of=1)


def as_moodle(reports: Sequence[Report], column: str = "") -> bytes:
    """Return a file for Moodle's grade import: who it is, the mark, then each lesson's part of it.

    What is taken off counts in the mark alone. Map `Email address` or `ID number`; a learner
    without a mark has `-`.
    """
    lessons = list(dict.fromkeys(item.lesson for report in reports for item in report.items))
    name = line(column or _title(reports))
    titles = [f"{name}: {line(lesson)}" for lesson in lessons] if len(lessons) > 1 else []
    possible = _possible(reports)
    rows = [[*MOODLE, name, *titles]]
    for report in reports:
        who = [line(report.subject), line(report.student_id), line(report.email)]
        parts = [_part(report, lesson) for lesson in lessons] if titles else []
        rows.append([*who, _mark(report, possible) or NO_MARK, *parts])
    return table(rows)


def _possible(reports: Iterable[Report]) -> float:
    return max((report.points for report in reports if report.gradable), default=0.0)


def _mark(report: Report, possible: float) -> str:
    """Return the mark out of what a gradebook has as the one maximum, empty where there is none.

    A rubric that leaves out what could not be tried gives some learners a lower maximum.
    """
    if not report.gradable:
        return ""
    share = possible / report.points if report.points else 0.0
    return marks(report.earned if share == 1 else rounded(report.earned * share))


def _part(report: Report, lesson: str) -> str:
    items = [item for item in report.items if item.lesson == lesson]
    return marks(total(items)[1]) if report.gradable and items else NO_MARK


def _title(reports: Iterable[Report]) -> str:
    return next((report.title for report in reports if report.title), "Mesh Dojo")


def _not_points_possible(name: str) -> str:
    """Return a name that Canvas does not take for the row of the maxima, as it would inside one."""
    return name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.replace(" ", "-"))


def table(rows: Iterable[Sequence[str]], *, keep_first_cell_of: int = -1) -> bytes:
    """Return rows as CSV in UTF-8; no cell of them is a formula, but the one that is named."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    for number, row in enumerate(rows):
        cells = [_guarded(cell) for cell in row]
        if number == keep_first_cell_of:
            cells[0] = row[0]
        writer.writerow(cells)
    return out.getvalue().encode("utf-8", errors="replace")


def _guarded(cell: str) -> str:
    if cell == NO_MARK or not cell.lstrip().startswith(FORMULA):
        return cell
    return f"'{cell}"
