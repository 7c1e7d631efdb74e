"""Everything that a step's page shows, gathered before the template sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from app.checks.result import CheckResult
from app.commands.model import Line, Run
from app.content.model import Block, CheckSpec, Question
from app.progress.model import Attempt, SavedResult, StepState
from app.web.cursors import Cursors
from app.web.place import Place
from app.web.services import Services

SHOWN_LINES: Final = 2000  # of one run; more make a page slow, the run's own page has them all
HISTORY: Final = 100  # typed lines that the prompt brings back
TYPED_RUNS: Final = 5  # of the prompt, newest last

CheckMood = Literal["open", "running", "passed", "failed", "skipped"]


@dataclass(frozen=True)
class CheckLine:
    """A check as the page shows it."""

    id: str
    title: str
    mood: CheckMood = "open"
    message: str = ""
    reason: str = ""
    look: str = ""
    evidence: Sequence[tuple[str, str]] = ()
    duration_s: float = 0.0
    since: datetime | None = None  # when it began, where it is known to be under way


@dataclass(frozen=True)
class RunView:
    """A run with the last of its lines. `slot` is the element of the page that it belongs in."""

    run: Run
    lines: Sequence[Line] = ()

    @property
    def slot(self) -> str:
        """Return the id of the element under its command; typed ones share the prompt's."""
        return slot_of(self.run)

    @property
    def left_out(self) -> int:
        """Return how many earlier lines are not shown."""
        return self.lines[0].number - 1 if self.lines else 0


@dataclass(frozen=True)
class BlockView:
    """A block of the step. `answer` is the learner's choice, where the block is a question."""

    kind: str
    block: Block
    runs: Sequence[RunView] = ()
    text: str = ""
    answer: str = ""


@dataclass(frozen=True)
class StepView:
    """A step's page."""

    place: Place
    blocks: Sequence[BlockView]
    typed: Sequence[RunView]
    checks: Sequence[CheckLine]
    state: StepState | None
    attempt: Attempt | None
    history: Sequence[str] = ()
    cursors: Cursors = field(default_factory=Cursors)

    @property
    def is_passed(self) -> bool:
        """Whether the step's checks have passed once."""
        return self.state is not None and self.state.passed is not None

    @property
    def hints_open(self) -> int:
        """Return how many hints the learner has opened."""
        return self.state.hints if self.state else 0


def slot_of(run: Run) -> str:
    """Return the id of the page's element that a run belongs in."""
    return f"slot-{run.command or 'typed'}"


async def view_step(services: Services, learner: str, place: Place) -> StepView:
    """Return the step as this learner sees it now."""
    lesson, step = place.lesson.id, place.step.id
    journey = await services.progress.journey(learner)
    answers = await services.progress.answers(learner, lesson, step)
    drafts = await services.progress.drafts(learner, lesson, step)
    attempts = await services.progress.attempts(learner, lesson, step)
    attempt = next(iter(attempts), None)
    known = await services.desk.known(learner, lesson, step)
    runs = await shown_runs(services, learner, place)
    return StepView(
        place=place,
        blocks=[view_block(block, runs, drafts, answers) for block in place.step.blocks],
        typed=[view for view in runs if not view.run.command],
        checks=(
            running_lines(place.step.checks)
            if services.desk.is_checking(learner, lesson, step)
            else check_lines(place.step.checks, known)
        ),
        state=journey.steps.get((lesson, step)),
        attempt=attempt,
        history=(await services.runs.history(learner))[-HISTORY:],
        cursors=Cursors({view.run.id: last_number(view.lines) for view in runs}),
    )


async def shown_runs(services: Services, learner: str, place: Place) -> list[RunView]:
    """Return the newest run of each command and the last typed ones, oldest first."""
    recent = await services.runs.recent(learner, place.lesson.id, place.step.id)
    fenced = {run.command: run for run in recent if run.command}
    typed = [run for run in recent if not run.command][-TYPED_RUNS:]
    return [view_run(services, run) for run in (*fenced.values(), *typed)]


def view_run(services: Services, run: Run) -> RunView:
    """Return a run with as many of its last lines as a page shows."""
    first = max(0, run.lines - SHOWN_LINES)
    return RunView(run, services.runs.lines(run.id, first, SHOWN_LINES))


def last_number(lines: Sequence[Line]) -> int:
    """Return the number of the last line, 0 before the first."""
    return lines[-1].number if lines else 0


def view_block(
    block: Block, runs: Iterable[RunView], drafts: Mapping[str, str], answers: Mapping[str, str]
) -> BlockView:
    """Return one block with what the learner has made of it."""
    kind = type(block).__name__.lower()
    own = [view for view in runs if view.run.command == getattr(block, "id", None)]
    text = drafts.get(getattr(block, "name", ""), getattr(block, "starter", ""))
    answer = answers.get(block.id, "") if isinstance(block, Question) else ""
    return BlockView(kind, block, own, text, answer)


def check_lines(specs: Sequence[CheckSpec], known: Mapping[str, SavedResult]) -> list[CheckLine]:
    """Return a line for each check, with what is known of it."""
    return [
        saved_line(known[spec.id]) if spec.id in known else CheckLine(spec.id, spec.title)
        for spec in specs
    ]


def running_lines(specs: Sequence[CheckSpec], since: datetime | None = None) -> list[CheckLine]:
    """Return a line for each check, as they look when all of them are under way."""
    return [CheckLine(spec.id, spec.title, "running", since=since) for spec in specs]


def saved_line(result: SavedResult) -> CheckLine:
    """Return the line of a result that was recorded."""
    return CheckLine(
        id=result.check,
        title=result.title,
        mood=mood_of(result.passed),
        message=result.message,
        reason=result.reason,
        look=result.look,
        evidence=result.evidence,
        duration_s=result.duration_s,
    )


def result_line(result: CheckResult) -> CheckLine:
    """Return the line of a result that has just come."""
    finding = result.finding
    return CheckLine(
        id=result.check,
        title=result.title,
        mood=mood_of(finding.passed),
        message=finding.message,
        reason=finding.reason,
        look=finding.look,
        evidence=[(piece.title, piece.text) for piece in finding.evidence],
        duration_s=result.duration_s,
    )


def mood_of(passed: bool | None) -> CheckMood:
    """Return how a result looks; None is one that could not be tried."""
    if passed is None:
        return "skipped"
    return "passed" if passed else "failed"
