"""A report as plain text: a table, below it what failed and what was seen."""

from io import StringIO
from typing import Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from app.grading.report import Item, Report, State, day_of
from app.grading.reports.wording import DEDUCTIONS, STATES, line, marks, outcome, place, shown

WIDTH: Final = 100
ALL: Final = "all steps"
STYLES: Final[dict[State, str]] = {
    "passed": "green",
    "failed": "red",
    "skipped": "yellow",
    "ungradable": "magenta",
}


def as_text(report: Report, *, width: int = WIDTH) -> str:
    """Return the report as plain text, no line wider than `width` columns."""
    out = StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, emoji=False)
    for part in parts(report):
        console.print(part)
    return "\n".join(row.rstrip() for row in out.getvalue().splitlines()) + "\n"


def parts(report: Report) -> list[RenderableType]:
    """Return what a terminal prints, one after the other: heading, table, failures, what was used.

    Nothing of the report is taken for markup.
    """
    title = line(report.title) or "Report"
    found: list[RenderableType] = [
        Text(f"{title}: {line(report.subject)}", style="bold"),
        Text(f"{outcome(report)} · {report.trust} · {day_of(report.ended)}"),
    ]
    if report.problem:
        found.append(Text(f"Why: {line(report.problem)}", style="magenta"))
    found += [Text(""), _table(report)]
    told = [row for item in report.items if item.state != "passed" for row in _told(item)]
    if told:
        found += [Text(""), *told]
    return [*found, Text(""), _made_with(report)]


def _table(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for name in ("step", "check", "result"):
        table.add_column(name, overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    before = ""
    for item in report.items:
        where = place(item) or ALL
        earned = f"{marks(item.earned)}/{marks(item.points)}"
        result = Text(STATES[item.state], style=STYLES[item.state])
        shown_place = "" if where == before else where
        table.add_row(Text(shown_place), Text(line(item.title)), result, Text(earned))
        before = where
    for each in report.deductions:
        where = line(f"{each.lesson} / {each.step}") if each.step else ALL
        text = f"{DEDUCTIONS[each.why]}: {line(each.text)}"
        table.add_row(Text(where), Text(text), Text("taken off"), Text(f"-{marks(each.points)}"))
    return table


def _told(item: Item) -> list[Text]:
    if item.is_hidden and not item.message:
        return []
    where = place(item)
    heading = f"{where}: {line(item.title)}" if where else line(item.title)
    rows = [Text(f"{heading}: {STATES[item.state]}", style=STYLES[item.state])]
    rows += [Text(f"    {row}") for row in shown(item.message).splitlines()]
    if item.look:
        rows.append(Text(f"    look: {line(item.look)}"))
    return rows


def _made_with(report: Report) -> Text:
    versions = report.versions
    used = [
        f"mesh-dojo {versions.product}",
        f"course {versions.course}",
        f"checks {versions.checks}",
    ]
    used += [versions.cluster] if versions.cluster else []
    used += [f"{name} {version}" for name, version in sorted(versions.tools.items())]
    return Text(line("Made with: " + ", ".join(used)), style="dim")
