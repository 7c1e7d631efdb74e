"""`mesh-dojo solve`: do what a step's solution says, under the learner's own policy."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from app.checks.result import CheckResult
from app.cli.check import chosen_steps, report
from app.cli.lab import open_lab
from app.cli.status import Status
from app.commands.model import Run
from app.content.model import Lesson, Step
from app.practice.lab import OWNER, Lab
from app.practice.solution import Solver
from app.settings import Settings


async def solve(lesson: str, step: str, context: str, *, as_json: bool) -> Status:
    """Do the solution of each step in order and run its checks; stops at the first that fails.

    Raises: NotFound, ClusterUnavailable, Refused.
    """
    rows: list[tuple[str, str, Sequence[CheckResult]]] = []
    status = Status.DONE
    async with open_lab(Settings(), context) as lab:
        for each, part in chosen_steps(lab.course, lesson, step):
            results = await _solve_step(lab, each, part, is_quiet=as_json)
            rows.append((part.id, each.id, results))
            if not as_json:
                status = report(rows[-1:], as_json=False)
            if any(result.passed is not True for result in results):
                break
    return report(rows, as_json=True) if as_json else status


async def _solve_step(
    lab: Lab, lesson: Lesson, step: Step, *, is_quiet: bool
) -> Sequence[CheckResult]:
    console = Console(file=sys.stderr, highlight=False)

    async def show(run: Run) -> None:
        if not is_quiet:
            console.print(Text(f"$ {run.line}", style="bold"))
            async for lines in lab.runs.follow(run.id):
                for line in lines:
                    console.print(Text(f"  {line.text}"))

    await Solver(lab.desk, lab.runs).solve(OWNER, lesson, step, show)
    return await lab.desk.examine(OWNER, lesson.id, step.id)
