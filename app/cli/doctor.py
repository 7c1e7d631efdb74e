"""`mesh-dojo doctor`: preflight in a terminal."""

import json
import sys
from typing import Final

from rich.console import Console
from rich.text import Text

from app.cli.lab import open_lab
from app.cli.status import Status
from app.preflight.finding import Finding, State
from app.preflight.run import run_preflight
from app.settings import Settings

MARKS: Final[dict[State, tuple[str, str]]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "problem": ("✗", "red"),
    "unknown": ("?", "yellow"),
}


async def doctor(context: str, *, as_json: bool) -> Status:
    """Print findings as they are made. Raises: StoreUnavailable, LessonMistake."""
    console = Console(highlight=False)
    findings: list[Finding] = []
    async with open_lab(Settings(), context) as lab, lab.chosen.around() as around:
        async for finding in run_preflight(around):
            findings.append(finding)
            if not as_json:
                _show(console, finding)
    if as_json:
        rows = [finding.as_row() for finding in findings]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    has_problem = any(finding.state == "problem" for finding in findings)
    return Status.FAILED if has_problem else Status.DONE


def _show(console: Console, finding: Finding) -> None:
    mark, style = MARKS[finding.state]
    console.print(Text(f"{mark} {finding.title}", style=style))
    if finding.state == "ok":
        return
    for label, text in (("", finding.detail), ("why: ", finding.why), ("mend: ", finding.mend)):
        if text:
            console.print(Text(f"    {label}{text}"))
