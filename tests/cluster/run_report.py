"""docs/course-run.md: how long each step took in one run of the whole course."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from walk import Took

HEAD = """# One run of the course

Every step on a real cluster, through the site: its commands, then its checks until everything had
settled. The documented wrong answers were tried in the same run, before each solution. Made by what
`make record` runs (pytest --cluster --record tests/cluster/test_course.py) on {date}: {cores}
cores, {system}, Python {python}; load average {load:.1f} at
the end. A time includes the page's own stream and the waiting for pods. Units: seconds.

| step | commands | checks | slowest command | s |
|---|---|---|---|---|
"""


def written(took: Sequence[Took]) -> str:
    """Return the page: a row for each step."""
    head = HEAD.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        system=platform.platform(terse=True),
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )
    return head + "".join(_row(each) for each in took)


def _row(took: Took) -> str:
    slowest = max(took.commands, key=lambda line: took.commands[line], default="")
    commands, checks = sum(took.commands.values()), sum(took.checks.values())
    slow = f"`{slowest}` | {took.commands[slowest]:.1f}" if slowest else " | "
    return f"| {took.lesson} / {took.step} | {commands:.1f} | {checks:.1f} | {slow} |\n"


def write(took: Sequence[Took], folder: Path) -> None:
    """Write the page into a folder of documents."""
    (folder / "course-run.md").write_text(written(took), encoding="utf-8")
