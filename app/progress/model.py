"""The records of progress: a step's state and an attempt at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class StepState:
    """Where a learner stands in a step. Units: `seconds` spent with the page open and in use."""

    lesson: str
    step: str
    first_seen: datetime
    last_seen: datetime
    passed: datetime | None = None
    attempts: int = 0
    hints: int = 0
    solution_shown: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class SavedResult:
    """A check's result as it was recorded with an attempt."""

    check: str
    title: str
    passed: bool | None
    reason: str
    message: str
    look: str
    evidence: tuple[tuple[str, str], ...]
    duration_s: float


@dataclass(frozen=True)
class Attempt:
    """One press of the check button, or the moment in which the step came true by itself."""

    id: int
    lesson: str
    step: str
    at: datetime
    passed: bool | None
    by_itself: bool
    results: tuple[SavedResult, ...]


@dataclass(frozen=True)
class Journey:
    """All that is known of one learner: what the map and the progress page show."""

    steps: Mapping[tuple[str, str], StepState] = field(default_factory=dict)
    last: tuple[str, str] | None = None  # the lesson and step that were open last
