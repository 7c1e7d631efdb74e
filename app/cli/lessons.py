"""`mesh-dojo lessons`: what the course holds."""

import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from app.checks.run import validate_step
from app.cli.status import Status
from app.content.loader import load_course
from app.content.model import Course
from app.settings import Settings


def load_valid_course(settings: Settings) -> Course:
    """Return the course, with the parameters of all its checks tried. Raises: LessonMistake."""
    course = load_course(settings.lessons_dir)
    for lesson in course.lessons:
        for step in lesson.steps:
            validate_step(step.checks)
    return course


async def lessons(*, check_only: bool, as_json: bool) -> Status:
    """Print the lessons with their steps. Raises: LessonMistake."""
    course = load_valid_course(Settings())
    if as_json:
        sys.stdout.write(json.dumps(_listing(course), indent=2) + "\n")
    elif check_only:
        steps = sum(len(lesson.steps) for lesson in course.lessons)
        Console().print(f"{len(course.lessons)} lessons, {steps} steps: all well formed.")
    else:
        Console().print(_table(course))
    return Status.DONE


def _table(course: Course) -> Table:
    table = Table("", "Lesson", "Id", "Minutes", "Steps", box=None)
    for lesson in course.lessons:
        steps = ", ".join(step.id for step in lesson.steps)
        table.add_row(str(lesson.number), lesson.title, lesson.id, str(lesson.minutes), steps)
    return table


def _listing(course: Course) -> dict[str, object]:
    return {
        "version": course.version,
        "lessons": [
            {
                "id": lesson.id,
                "number": lesson.number,
                "title": lesson.title,
                "summary": lesson.summary,
                "minutes": lesson.minutes,
                "steps": [
                    {
                        "id": step.id,
                        "title": step.title,
                        "checks": [check.title for check in step.checks],
                        "commands": [asdict(command) for command in step.commands],
                    }
                    for step in lesson.steps
                ],
            }
            for lesson in course.lessons
        ],
    }
