"""Reports as JUnit XML, as CI systems read it: a suite for each report, a case for each check.

Source: the schema junit-10.xsd of Jenkins' xUnit plugin; GitLab and GitHub's actions read the same.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.etree import ElementTree as XML

from app.grading.report import Item, Report
from app.grading.reports.audience import for_learner
from app.grading.reports.wording import line, marks, outcome, shown


def as_junit(reports: Sequence[Report]) -> bytes:
    """Return the reports as one document. Hidden checks are neither named nor explained in it.

    A check that was not tried is `skipped`; one that could not be graded is an `error`, which CI
    systems tell apart from a `failure`.
    """
    root = XML.Element("testsuites", {"name": "mesh-dojo"})
    counts = [_add_suite(root, for_learner(report)) for report in reports]
    for index, name in enumerate(("tests", "failures", "errors")):
        root.set(name, str(sum(count[index] for count in counts)))
    XML.indent(root)
    out = BytesIO()
    XML.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
    return out.getvalue() + b"\n"


def _add_suite(root: XML.Element, report: Report) -> tuple[int, int, int]:
    states = [item.state for item in report.items]
    counts = len(states), states.count("failed"), states.count("ungradable")
    suite = XML.SubElement(
        root,
        "testsuite",
        {
            "name": line(report.subject) or "unnamed",
            "tests": str(counts[0]),
            "failures": str(counts[1]),
            "errors": str(counts[2]),
            "skipped": str(states.count("skipped")),
            "time": _seconds(item.duration_s for item in report.items),
            "timestamp": report.started.strftime("%Y-%m-%dT%H:%M:%S"),
        },
    )
    properties = XML.SubElement(suite, "properties")
    for name, value in _facts(report):
        XML.SubElement(properties, "property", {"name": name, "value": line(value)})
    for item in report.items:
        _add_case(suite, item)
    return counts


def _facts(report: Report) -> list[tuple[str, str]]:
    facts = [("trust", report.trust), ("gradable", str(report.gradable).lower())]
    if report.gradable:
        facts += [("earned", marks(report.earned)), ("points", marks(report.points))]
    else:
        facts.append(("problem", report.problem))
    versions = report.versions
    facts += [("course", versions.course), ("checks", versions.checks)]
    facts += [("cluster", versions.cluster), ("outcome", outcome(report))]
    return facts


def _add_case(suite: XML.Element, item: Item) -> None:
    case = XML.SubElement(
        suite,
        "testcase",
        {
            "classname": ".".join(line(part) for part in (item.lesson, item.step) if part)
            or "mesh-dojo",
            "name": line(item.title) or line(item.check),
            "time": _seconds([item.duration_s]),
        },
    )
    tag = {"failed": "failure", "skipped": "skipped", "ungradable": "error"}.get(item.state)
    if tag is None:
        return
    told = {"message": line(item.message)}
    if item.reason:
        told["type"] = line(item.reason)
    XML.SubElement(case, tag, told).text = _seen(item)


def _seen(item: Item) -> str:
    pieces = [shown(item.message)]
    pieces += [f"look: {line(item.look)}"] if item.look else []
    pieces += [f"{line(title)}\n{shown(text)}" for title, text in item.evidence]
    return "\n\n".join(piece for piece in pieces if piece)


def _seconds(durations: Iterable[float]) -> str:
    return f"{sum(durations):.3f}"
