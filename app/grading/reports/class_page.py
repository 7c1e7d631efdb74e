"""All marks of a batch as one HTML page for the marker: how they spread, which checks failed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.grading.report import Item, Report
from app.grading.reports.html import Element, Node, element, page
from app.grading.reports.style import POLICY, STYLE
from app.grading.reports.wording import STATES, line, marks, outcome, place
from app.grading.summary import Summary

FULL = 100  # of a bar's own units


@dataclass(frozen=True)
class Cell:
    """A cell of a table; numbers stand at its right."""

    content: Node
    is_number: bool = False


def as_class_page(
    summary: Summary, reports: Sequence[Report], file_of: Callable[[Report], str]
) -> str:
    """Return the page. Hidden checks are named in it: it is for the marker.

    `file_of` gives the name of a report's own page, in the same folder.
    """
    title = next((line(report.title) for report in reports if report.title), "Marks")
    return page(
        title,
        STYLE,
        POLICY,
        element("header", element("h1", title), *_figures(summary)),
        element(
            "main",
            element("h2", "How the marks spread"),
            _table(("share of the points", "", "submissions"), _histogram(summary)),
            element("h2", "Checks"),
            _table(("check", *STATES.values()), _checks(reports), numbers_from=1),
            element("h2", "Submissions"),
            _table(("submission", "trust", "mark"), _submissions(reports, file_of)),
        ),
    )


def _figures(summary: Summary) -> list[Node]:
    left = summary.count - summary.gradable
    told = f"{summary.count} submissions" + (f", {left} could not be graded" if left else "")
    low, high = summary.quartiles
    figures = (
        ("mean", summary.mean),
        ("median", summary.median),
        ("lower quartile", low),
        ("upper quartile", high),
        ("lowest", summary.lowest),
        ("highest", summary.highest),
    )
    rows: list[Node] = []
    for name, value in figures:
        rows += [element("dt", name), element("dd", f"{marks(value)} of {marks(summary.points)}")]
    return [element("p", told, class_="mark"), element("dl", *rows)]


def _histogram(summary: Summary) -> list[list[Cell]]:
    most = max(summary.histogram, default=0) or 1
    tenth = 100 // max(1, len(summary.histogram))
    return [
        [
            Cell(f"{index * tenth} to {(index + 1) * tenth}\N{NO-BREAK SPACE}%"),
            Cell(_bar(round(FULL * count / most))),
            Cell(str(count), is_number=True),
        ]
        for index, count in enumerate(summary.histogram)
    ]


def _bar(width: int) -> Element:
    """Return a bar; its width is an attribute, since the page's policy lets no style in."""
    box = {"viewBox": f"0 0 {FULL} 1", "preserveAspectRatio": "none", "aria_hidden": "true"}
    bar = element("rect", width=str(width), height="1", fill="currentColor")
    return element("svg", bar, **box)


def _checks(reports: Sequence[Report]) -> list[list[Cell]]:
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    titles: dict[tuple[str, str, str], Item] = {}
    for report in reports:
        for item in report.items:
            key = (item.lesson, item.step, item.check)
            counts.setdefault(key, Counter())[item.state] += 1
            titles[key] = item
    return [
        [Cell(_named(titles[key]))]
        + [Cell(str(count[state]) if count[state] else "", is_number=True) for state in STATES]
        for key, count in counts.items()
    ]


def _named(item: Item) -> Element:
    where = place(item) + (", hidden from learners" if item.is_hidden else "")
    title = element("bdi", line(item.title) or line(item.check))
    return element("div", title, element("p", where, class_="dim"))


def _submissions(reports: Sequence[Report], file_of: Callable[[Report], str]) -> list[list[Cell]]:
    return [
        [
            Cell(element("a", element("bdi", line(report.subject)), href=file_of(report))),
            Cell(report.trust if report.gradable else line(report.problem)),
            Cell(outcome(report) if report.gradable else "no mark", is_number=True),
        ]
        for report in reports
    ]


def _table(
    names: Sequence[str], rows: Sequence[Sequence[Cell]], *, numbers_from: int = 2
) -> Element:
    head = [
        element("th", name, scope="col", **({"class_": "number"} if index >= numbers_from else {}))
        for index, name in enumerate(names)
    ]
    body = [
        element(
            "tr",
            *(
                element("td", cell.content, **({"class_": "number"} if cell.is_number else {}))
                for cell in row
            ),
        )
        for row in rows
    ]
    whole = element("table", element("thead", element("tr", *head)), element("tbody", *body))
    return element("div", whole, class_="table")
