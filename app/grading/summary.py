"""What a whole batch came to: how the marks spread, and which checks failed most."""

import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from typing import Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from app.grading.report import Report, rounded
from app.grading.reports.gradebook import table
from app.grading.reports.wording import line, marks

BINS: Final = 10
MOST_FAILED: Final = 10
WIDTH: Final = 100
HEAD: Final = ("submission", "earned", "points", "gradable", "problem", "taken off", "trust")


@dataclass(frozen=True)
class Failure:
    """A check and how many did not pass it, with the reason that was most frequent."""

    lesson: str
    step: str
    check: str
    title: str
    count: int
    reason: str


@dataclass(frozen=True)
class Summary:
    """Units: marks; `histogram` counts by tenths of the points, the last with full marks in it.

    The figures are of gradable reports alone; 0 where there is none.
    """

    count: int
    gradable: int
    points: float
    mean: float
    median: float
    quartiles: tuple[float, float]
    lowest: float
    highest: float
    histogram: tuple[int, ...]
    failures: tuple[Failure, ...]


def summary_of(reports: Sequence[Report]) -> Summary:
    """Return the summary of a batch."""
    graded = [report for report in reports if report.gradable]
    earned = sorted(report.earned for report in graded) or [0.0]
    quartiles = statistics.quantiles(earned, n=4, method="inclusive") if earned[1:] else earned * 3
    bins = Counter(_bin(report) for report in graded)
    return Summary(
        count=len(reports),
        gradable=len(graded),
        points=max((report.points for report in graded), default=0.0),
        mean=rounded(statistics.fmean(earned)),
        median=rounded(statistics.median(earned)),
        quartiles=(rounded(quartiles[0]), rounded(quartiles[2])),
        lowest=earned[0],
        highest=earned[-1],
        histogram=tuple(bins[index] for index in range(BINS)),
        failures=_failures(reports),
    )


def as_json(summary: Summary) -> bytes:
    """Return the summary as JSON."""
    return json.dumps(asdict(summary), indent=2, ensure_ascii=False).encode() + b"\n"


def as_csv(reports: Sequence[Report]) -> bytes:
    """Return a row for each submission."""
    rows = [
        (
            line(report.subject),
            marks(report.earned) if report.gradable else "",
            marks(report.points),
            "yes" if report.gradable else "no",
            line(report.problem),
            marks(rounded(sum(each.points for each in report.deductions))),
            report.trust,
        )
        for report in reports
    ]
    return table([HEAD, *rows])


def as_text(summary: Summary) -> bytes:
    """Return the summary as plain text."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, color_system=None, force_terminal=False, emoji=False)
    for part in parts(summary):
        console.print(part)
    return "\n".join(row.rstrip() for row in out.getvalue().splitlines()).encode() + b"\n"


def parts(summary: Summary) -> list[RenderableType]:
    """Return what a terminal prints: the figures, the histogram, the checks that most failed."""
    left = summary.count - summary.gradable
    told = f"{summary.count} submissions" + (f", {left} could not be graded" if left else "")
    low, high = summary.quartiles
    figures = (
        f"of {marks(summary.points)} points: mean {marks(summary.mean)}, median "
        f"{marks(summary.median)}, quartiles {marks(low)} and {marks(high)}, lowest "
        f"{marks(summary.lowest)}, highest {marks(summary.highest)}"
    )
    found: list[RenderableType] = [Text(told, style="bold"), Text(figures), Text("")]
    most = max(summary.histogram) or 1
    for index, count in enumerate(summary.histogram):
        bar = "█" * round(40 * count / most)
        found.append(Text(f"{index * 10:3d} to {index * 10 + 10:3d} %  {count:4d}  {bar}".rstrip()))
    return [*found, Text(""), _failed(summary)] if summary.failures else found


def _failed(summary: Summary) -> Table:
    found = Table("not passed", "check", "most often", box=box.SIMPLE_HEAD, pad_edge=False)
    for each in summary.failures:
        title = f"{each.lesson} / {each.step}: {line(each.title)}"
        found.add_row(str(each.count), Text(title), Text(line(each.reason)))
    return found


def _bin(report: Report) -> int:
    share = report.earned / report.points if report.points else 0.0
    return min(BINS - 1, int(rounded(share) * BINS))


def _failures(reports: Sequence[Report]) -> tuple[Failure, ...]:
    items = [item for report in reports for item in report.items if item.state == "failed"]
    counts = Counter((item.lesson, item.step, item.check) for item in items)
    found = []
    for key, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_FAILED]:
        its = [item for item in items if (item.lesson, item.step, item.check) == key]
        reason = Counter(item.reason for item in its).most_common(1)[0][0]
        found.append(Failure(*key, its[0].title, count, reason))
    return tuple(found)
