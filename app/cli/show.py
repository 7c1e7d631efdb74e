"""How results look in a terminal, and as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.text import Text

from app.checks.result import CheckResult

MARKS: Final = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}


def show_results(console: Console, title: str, results: Sequence[CheckResult]) -> None:
    """Print a step's results, a line each, and below a failed one what was seen."""
    console.print(Text(title, style="bold"))
    for result in results:
        mark, style = MARKS[result.passed]
        seconds = f"  {result.duration_s:.1f} s" if result.duration_s >= 1 else ""
        console.print(Text(f"  {mark} {result.title}{seconds}", style=style))
        if not result.passed:
            console.print(Text(f"      {result.finding.message}"))
            if result.finding.look:
                console.print(Text(f"      look: {result.finding.look}", style="dim"))


def as_json_results(rows: Sequence[tuple[str, str, Sequence[CheckResult]]]) -> None:
    """Print results as JSON. Shape: [{lesson, step, results: [{check, title, passed, ...}]}]."""
    listed = [
        {"lesson": lesson, "step": step, "results": [_plain(result) for result in results]}
        for step, lesson, results in rows
    ]
    sys.stdout.write(json.dumps(listed, indent=2) + "\n")


def _plain(result: CheckResult) -> dict[str, object]:
    return {
        "check": result.check,
        "title": result.title,
        "duration_s": round(result.duration_s, 3),
        **asdict(result.finding),
    }
