"""`mesh-dojo grade run`: the mark of a cluster's state, printed and written down."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.status import Status as Spinner

from app.cli.check import chosen_steps
from app.cli.lab import open_lab
from app.cli.lessons import load_valid_course
from app.cli.status import Status
from app.clusters import sandbox
from app.clusters.sandbox import SandboxProvider
from app.content.model import Course
from app.errors import AppError, ClusterUnavailable, NotFound
from app.grading.drawn import seed_of
from app.grading.forms import known_forms, write_report
from app.grading.handout import marked
from app.grading.report import Report
from app.grading.reports.document import to_bytes
from app.grading.reports.text import parts
from app.grading.rubric import GradedStep, Rubric, default_rubric
from app.grading.rubric_file import load_rubric
from app.grading.state import GRADING, Subject, grade_state
from app.practice.lab import OWNER, Lab
from app.practice.workplace import Bench
from app.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What the command line asks: what counts, and where its reports go."""

    lesson: str
    step: str
    rubric: Path | None
    out: Path | None
    formats: tuple[str, ...]
    is_json: bool = False


async def grade(asked: Asked, name: str, context: str, *, in_sandbox: bool) -> Status:
    """Grade a cluster as it is now. Raises: NotFound, LessonMistake, StoreUnavailable."""
    forms = known_forms(asked.formats)
    settings = Settings()
    course = load_valid_course(settings)
    rubric = rubric_of(asked, course)
    if rubric.parameters and not name:
        raise NotFound("This rubric draws values for each learner.", hint="Add --name NAME.")
    seed = seed_of(rubric.secret, name) if rubric.parameters else ""
    course = marked(course, rubric, seed)
    chosen = sandbox.NAME if in_sandbox else context
    async with open_lab(settings, chosen, course=course, rigour=GRADING) as lab:
        report = await _graded(lab, rubric, name or "You", seed, is_quiet=asked.is_json)
    show(report, is_json=asked.is_json)
    if asked.out:
        write_report(report, asked.out, forms)
    return Status.DONE if report.gradable else Status.OUT_OF_REACH


def rubric_of(asked: Asked, course: Course) -> Rubric:
    """Return the rubric that is asked for, without the steps that are not.

    Raises: NotFound, also where nothing would count; LessonMistake.
    """
    rubric = load_rubric(asked.rubric, course) if asked.rubric else default_rubric(course)
    if asked.lesson or asked.step:
        rubric = rubric.only(chosen_steps(course, asked.lesson, asked.step))
    if not rubric.steps:
        raise NotFound(
            "Nothing of that counts in this rubric.", hint="Its `lessons` say what does."
        )
    return rubric


def now() -> datetime:
    """Return the time as reports hold it: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def show(report: Report, *, is_json: bool) -> None:
    """Print a report for the marker."""
    if is_json:
        sys.stdout.buffer.write(to_bytes(report))
        return
    console = Console(highlight=False)
    for part in parts(report):
        console.print(part)


async def _graded(lab: Lab, rubric: Rubric, name: str, seed: str, *, is_quiet: bool) -> Report:
    bench = None
    with suppress(AppError):  # each check then says why it cannot be tried
        bench = await lab.chosen.bench()
    if bench:
        refuse_plain(lab, bench)
    began = now()
    subject = Subject(name, OWNER, submitted=began, seed=seed)
    journey = await lab.progress.journey(OWNER)
    console = Console(stderr=True, highlight=False, quiet=is_quiet)
    with console.status("Looking at the cluster") as spinner:
        return await grade_state(
            lab.course,
            rubric,
            subject,
            lab.desk,
            lab.chosen,
            journey,
            now=now,
            tell=_teller(spinner),
        )


def _teller(spinner: Spinner) -> Callable[[GradedStep], None]:
    def tell(step: GradedStep) -> None:
        spinner.update(f"Checking {step.lesson} / {step.step}")

    return tell


def refuse_plain(lab: Lab, bench: Bench) -> None:
    """Refuse to mark in a sandbox without proxies, where what is right cannot pass.

    Raises: ClusterUnavailable.
    """
    running = SandboxProvider(lab.settings.data_dir / "sandbox", lab.runner).running()
    if bench.is_sandbox and running and running.plain:
        raise ClusterUnavailable(f"A sandbox without Envoy gives no marks. {running.plain}")
