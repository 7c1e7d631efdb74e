"""`mesh-dojo check`: run checks without the site, and print what they found."""

from collections.abc import Sequence

from rich.console import Console

from app.checks.result import CheckResult
from app.cli.lab import open_lab
from app.cli.show import as_json_results, show_results
from app.cli.status import Status
from app.content.find import find_lesson, find_step
from app.content.model import Course, Lesson, Step
from app.practice.examination import verdict
from app.practice.lab import OWNER
from app.settings import Settings


def chosen_steps(course: Course, lesson: str, step: str) -> list[tuple[Lesson, Step]]:
    """Return the steps that the options name: all, a lesson's, or one. Raises: NotFound."""
    if step:
        return [find_step(course, lesson, step)]
    lessons = [find_lesson(course, lesson)] if lesson else course.lessons
    return [(each, part) for each in lessons for part in each.steps]


async def check(lesson: str, step: str, context: str, *, as_json: bool) -> Status:
    """Run the checks and print a table. Raises: NotFound, ClusterUnavailable, Refused."""
    async with open_lab(Settings(), context) as lab:
        rows = [
            (part.id, each.id, await lab.desk.examine(OWNER, each.id, part.id))
            for each, part in chosen_steps(lab.course, lesson, step)
        ]
    return report(rows, as_json=as_json)


def report(rows: Sequence[tuple[str, str, Sequence[CheckResult]]], *, as_json: bool) -> Status:
    """Print the results of steps. Shape: [(step id, lesson id, results)]."""
    if as_json:
        as_json_results(rows)
    else:
        for step, lesson, results in rows:
            show_results(Console(), f"{lesson} / {step}", results)
    verdicts = [verdict(results) for _, _, results in rows]
    if False in verdicts:
        return Status.FAILED
    return Status.OUT_OF_REACH if None in verdicts else Status.DONE
