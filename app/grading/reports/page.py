"""A report as one HTML page that needs nothing else: for a learner to read, keep and print."""

from collections.abc import Iterator
from itertools import groupby

from app.grading.report import Item, Report, day_of
from app.grading.reports.html import Element, Node, element, page
from app.grading.reports.style import POLICY, STYLE
from app.grading.reports.wording import DEDUCTIONS, STATES, line, marks, outcome, place

TRUST = {
    "site": "made by a site; `mesh-dojo verify-report` tells whether its signature holds",
    "self-reported": "self-reported: made where the learner could change it",
}


def as_html(report: Report) -> str:
    """Return the page. It shows whatever the report holds: give it what its reader may see."""
    title = line(report.title) or "Report"
    return page(
        f"{title}: {line(report.subject)}",
        STYLE,
        POLICY,
        element("header", *_heading(report, title)),
        element("main", *_main(report)),
        element("footer", element("h2", "How this mark was made"), _made_with(report)),
    )


def _heading(report: Report, title: str) -> Iterator[Node]:
    yield element("h1", title)
    yield element("p", element("bdi", line(report.subject)))
    yield element("p", outcome(report).capitalize(), class_="mark")
    if report.problem:
        yield element("p", line(report.problem), class_="problem")


def _main(report: Report) -> Iterator[Node]:
    yield element("h2", "Steps")
    yield element("div", _steps(report), class_="table")
    if report.deductions:
        yield element("h2", "Taken off")
        yield element("div", _deductions(report), class_="table")
    yield element("h2", "Checks")
    for item in report.items:
        yield _check(item)


def _steps(report: Report) -> Element:
    rows = []
    for where, grouped in groupby(report.items, key=lambda item: place(item) or line(item.title)):
        items = list(grouped)
        passed = sum(item.state == "passed" for item in items)
        earned, points = sum(i.earned for i in items), sum(i.points for i in items)
        checks = "" if items[0].is_hidden and not items[0].step else f"{passed} of {len(items)}"
        rows.append(_row(where, checks, f"{marks(earned)} / {marks(points)}"))
    return _table(("step", "checks passed", "points"), rows)


def _deductions(report: Report) -> Element:
    rows = []
    for each in report.deductions:
        where = f"{line(each.lesson)} / {line(each.step)}" if each.step else "all steps"
        rows.append(
            _row(f"{DEDUCTIONS[each.why]}: {line(each.text)}", where, f"-{marks(each.points)}")
        )
    return _table(("for", "step", "points"), rows)


def _table(names: tuple[str, str, str], rows: list[Element]) -> Element:
    first, second, last = names
    head = element(
        "tr",
        element("th", first, scope="col"),
        element("th", second, scope="col"),
        element("th", last, scope="col", class_="number"),
    )
    return element("table", element("thead", head), element("tbody", *rows))


def _row(first: str, second: str, last: str) -> Element:
    return element(
        "tr", element("td", first), element("td", second), element("td", last, class_="number")
    )


def _check(item: Item) -> Element:
    where = place(item)
    unseen = ", hidden from the learner" if item.is_hidden else ""
    header = element(
        "header",
        element("h3", line(item.title) or line(item.check)),
        element("span", STATES[item.state], class_=f"state {item.state}"),
        element("span", f"{marks(item.earned)} / {marks(item.points)}"),
    )
    return element(
        "article",
        header,
        element("p", where + unseen, class_="dim") if where else None,
        element("p", item.message, class_="message") if item.message else None,
        element("p", "Look: ", element("code", item.look)) if item.look else None,
        _evidence(item),
    )


def _evidence(item: Item) -> Node:
    if not item.evidence:
        return None
    pieces: list[Node] = []
    for title, text in item.evidence:
        pieces += [element("p", element("code", line(title))), element("pre", text)]
    opened = {} if item.state == "passed" else {"open": ""}
    return element("details", element("summary", "What was seen"), *pieces, **opened)


def _made_with(report: Report) -> Element:
    versions = report.versions
    facts = [
        ("Trust", TRUST[report.trust].replace("`", "")),
        ("Graded", f"{day_of(report.started)} to {day_of(report.ended)}"),
        ("Handed in", day_of(report.submitted) if report.submitted else ""),
        ("Mesh Dojo", versions.product),
        ("Course", versions.course),
        ("Checks", versions.checks),
        ("Cluster", versions.cluster),
        *sorted(versions.tools.items()),
        ("Rubric", report.rubric),
        ("Drawn from", report.seed),
        ("Submission", report.submission),
    ]
    rows: list[Node] = []
    for name, value in facts:
        if value:
            rows += [element("dt", line(name)), element("dd", line(value))]
    return element("dl", *rows)
