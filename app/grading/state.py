"""Grading the state of a cluster: every check that counts, as it is now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.checks.kind import Rigour
from app.checks.result import CheckResult, failed
from app.clusters.probes import INJECTOR
from app.content.find import find_step
from app.content.model import Course
from app.errors import AppError
from app.grading.desk import Judge, Workplace
from app.grading.marks import for_help, for_lateness, items_of
from app.grading.report import Deduction, Item, Report, Trust, Versions, total
from app.grading.rubric import GradedStep, Rubric
from app.grading.versions import read_versions
from app.progress.model import Journey

GRADING: Final = Rigour(
    error_rate=1e-6, patience_s=15.0
)  # neither chance nor a busy machine decides
NO_PROBE: Final = "no-probe"  # the reason of a check that has nobody in the mesh to ask from

Tell = Callable[[GradedStep], None]


@dataclass(frozen=True)
class Subject:
    """Whose mark it is, and when the work came in; `learner` is who the checks are run for."""

    name: str
    learner: str
    submitted: datetime | None = None
    email: str = ""
    student_id: str = ""
    seed: str = ""
    submission: str = ""  # digest


def _no_tell(_step: GradedStep) -> None:
    return None


async def grade_state(
    course: Course,
    rubric: Rubric,
    subject: Subject,
    judge: Judge,
    workplace: Workplace,
    journey: Journey,
    *,
    now: Callable[[], datetime],
    tell: Tell = _no_tell,
) -> Report:
    """Return the mark of a cluster as it is now. `tell` is called before each step's checks."""
    started = now()
    versions = await read_versions(course, workplace)
    items: list[Item] = []
    for step in rubric.steps:
        tell(step)
        items += await items_now(course, rubric, step, subject.learner, judge, workplace)
    return report_of(
        rubric,
        subject,
        items,
        for_help(rubric.prices, items, journey.steps),
        versions,
        started=started,
        ended=now(),
    )


async def items_now(
    course: Course,
    rubric: Rubric,
    step: GradedStep,
    learner: str,
    judge: Judge,
    workplace: Workplace,
) -> list[Item]:
    """Run a step's checks; return the items of those that count."""
    specs = find_step(course, step.lesson, step.step)[1].checks
    results = await judge.judge(learner, step.lesson, step.step)
    if any(result.finding.reason == NO_PROBE for result in results):
        results = await _judged_without_mesh(results, workplace)
    return items_of(rubric, step, specs, results)


def report_of(
    rubric: Rubric,
    subject: Subject,
    items: Sequence[Item],
    deductions: Sequence[Deduction],
    versions: Versions,
    *,
    started: datetime,
    ended: datetime,
    trust: Trust = "self-reported",
) -> Report:
    """Return the whole report; what is ungradable counts neither for nor against anybody."""
    graded = [item for item in items if item.state != "ungradable"]
    broken = next((item for item in items if item.state == "ungradable"), None)
    points, _ = total(graded)
    late = for_lateness(rubric.late, points, subject.submitted)
    taken = (*deductions, *late)
    return Report(
        subject=subject.name,
        started=started,
        ended=ended,
        gradable=broken is None,
        problem=f"{broken.lesson} / {broken.step}: {broken.message}" if broken else "",
        trust=trust,
        versions=versions,
        items=tuple(items),
        deductions=taken,
        points=points,
        earned=total(graded, taken)[1],
        title=rubric.title,
        seed=subject.seed,
        rubric=rubric.digest,
        submission=subject.submission,
        submitted=subject.submitted,
        email=subject.email,
        student_id=subject.student_id,
    )


async def _judged_without_mesh(
    results: Sequence[CheckResult], workplace: Workplace
) -> Sequence[CheckResult]:
    """Nobody can ask from inside a mesh that is not there: that is the cluster's state, a failure.

    Where there is a mesh, it is the lab that failed to set up its probe, and the skip stays.
    """
    try:
        cluster = (await workplace.bench()).cluster
        if await cluster.list("MutatingWebhookConfiguration", labels=INJECTOR):
            return results
    except AppError:
        return results
    missing = failed("no-mesh", "There is no mesh to ask in: Istio is not installed.")
    return [
        replace(each, finding=missing) if each.finding.reason == NO_PROBE else each
        for each in results
    ]
