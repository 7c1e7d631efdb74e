"""What a mark is made of: points for checks, prices of help, a deadline, what is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from app.content.model import CheckSpec, Course, Lesson, Step
from app.grading.drawn import Parameter

Skipped = Literal["zero", "excluded"]


@dataclass(frozen=True)
class GradedStep:
    """A step that counts. `points`: {check id: points}, with the `hidden` checks among them."""

    lesson: str
    step: str
    points: Mapping[str, float]
    hidden: tuple[CheckSpec, ...] = ()


@dataclass(frozen=True)
class Prices:
    """What help costs. Units: points for each; the first `free_attempts` of a step cost nothing."""

    hint: float = 0.0
    solution: float = 0.0
    attempt: float = 0.0
    free_attempts: int = 1


@dataclass(frozen=True)
class Late:
    """What lateness costs: `percent` of all points for each `unit_s` begun, `most` at the most."""

    deadline: datetime
    unit: Literal["day", "hour"]
    percent: float
    most: float = 100.0

    @property
    def unit_s(self) -> float:
        """Return how long the unit is. Units: seconds."""
        return 86400.0 if self.unit == "day" else 3600.0


@dataclass(frozen=True)
class Change:
    """What a step shows and asks with drawn values: in texts, and in the parameters of checks.

    Shape: `texts` {text of the course: its replacement}, `checks` {check id: parameters}; both
    hold `{{name}}` for what is drawn.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rubric:
    """A whole rubric. `digest` names its content; `secret` is known to the marker alone.

    `drawn`: {(lesson id, step id): what changes there}.
    """

    title: str
    steps: tuple[GradedStep, ...]
    prices: Prices = field(default_factory=Prices)
    late: Late | None = None
    skipped: Skipped = "zero"
    is_revealed: bool = False
    parameters: tuple[Parameter, ...] = ()
    drawn: Mapping[tuple[str, str], Change] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    digest: str = ""

    @property
    def lessons(self) -> tuple[str, ...]:
        """Return the lessons of which a step counts, in order."""
        return tuple(dict.fromkeys(step.lesson for step in self.steps))

    @property
    def points(self) -> float:
        """Return all points that there are."""
        return float(sum(Decimal(repr(p)) for step in self.steps for p in step.points.values()))

    def only(self, chosen: Sequence[tuple[Lesson, Step]]) -> "Rubric":
        """Return the part of it that marks these steps."""
        ids = {(lesson.id, step.id) for lesson, step in chosen}
        return replace(self, steps=tuple(s for s in self.steps if (s.lesson, s.step) in ids))


def default_rubric(course: Course) -> Rubric:
    """Return the rubric of no file: every check of the course counts its own points."""
    steps = tuple(
        GradedStep(lesson.id, step.id, {check.id: float(check.points) for check in step.checks})
        for lesson in course.lessons
        for step in lesson.steps
    )
    return Rubric("All checks of the course", steps, digest="course")


def spread(points: float, shares: Mapping[str, float]) -> dict[str, float]:
    """Return points spread by share, in hundredths that add up to them exactly.

    Hundredths that are left over go to the largest remainders, among equals to the first.
    """
    whole = sum(Decimal(repr(share)) for share in shares.values())
    if not whole:
        return dict.fromkeys(shares, 0.0)
    hundredths = int(Decimal(repr(points)) * 100)
    exact = {key: hundredths * Decimal(repr(share)) / whole for key, share in shares.items()}
    given = {key: int(value) for key, value in exact.items()}
    left = hundredths - sum(given.values())
    for key in sorted(exact, key=lambda key: given[key] - exact[key])[:left]:
        given[key] += 1
    return {key: count / 100 for key, count in given.items()}
