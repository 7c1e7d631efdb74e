"""What practice tells the bus, on topic `learner:<id>`; a page's stream turns it into fragments."""

from dataclasses import dataclass

from app.checks.result import CheckResult
from app.commands.model import Run
from app.errors import AppError


@dataclass(frozen=True)
class RunChanged:
    """A run began or ended. Its lines are read from the run itself (`Runs.follow`)."""

    run: Run


@dataclass(frozen=True)
class CheckStarted:
    """The checks of a step began, because the learner asked for them."""

    lesson: str
    step: str


@dataclass(frozen=True)
class CheckSaid:
    """A check that takes a while says how far it is."""

    lesson: str
    step: str
    check: str
    text: str


@dataclass(frozen=True)
class CheckDone:
    """One check of the step has its result."""

    lesson: str
    step: str
    result: CheckResult


@dataclass(frozen=True)
class CheckEnded:
    """All checks of the step ended. `passed` is None where any was skipped and none failed.

    `by_itself` where no one asked: the cluster's own change made the step come true.
    """

    lesson: str
    step: str
    passed: bool | None
    newly_passed: bool
    by_itself: bool = False


@dataclass(frozen=True)
class CheckBroke:
    """The checks of a step could not be finished: the lab itself is in trouble."""

    lesson: str
    step: str
    error: AppError
