"""A mark that can be explained: its items, its deductions, what it was made with; no form of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final, Literal

from pydantic import AwareDatetime, ConfigDict

State = Literal["passed", "failed", "skipped", "ungradable"]
Why = Literal["hints", "solution", "attempts", "late"]
Trust = Literal["site", "self-reported"]
Schema = Literal["mesh-dojo-report/1"]
SCHEMA: Final[Schema] = "mesh-dojo-report/1"
_STRICT: Final = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """One check and what it earned. Units: `points` and `earned` marks, `duration_s` seconds.

    `skipped`: what it needs had failed. `ungradable`: the cluster could not be asked, which costs
    nobody marks. Shape of `evidence`: (what shows it, what it said).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    lesson: str
    step: str
    check: str
    title: str
    state: State
    points: float
    earned: float
    message: str = ""
    reason: str = ""
    look: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    duration_s: float = 0.0
    is_hidden: bool = False


@dataclass(frozen=True)
class Deduction:
    """Marks taken off: `points` is how many, above 0; `step` is empty where all are meant."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    why: Why
    lesson: str
    step: str
    points: float
    text: str


@dataclass(frozen=True)
class Versions:
    """What a mark was made with: `course` and `checks` are digests, `cluster` kind and version."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    product: str
    course: str
    checks: str
    cluster: str
    tools: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is known of one mark. Units: `points` and `earned` marks; times are in UTC.

    `problem` says why it is not `gradable`; then `earned` is no mark. `rubric` and `submission` are
    digests, `seed` is what the parameters were drawn from. `email` and `student_id` are what a
    gradebook knows the subject by, as the submission gives them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    schema: Schema = SCHEMA
    subject: str
    started: AwareDatetime
    ended: AwareDatetime
    gradable: bool
    trust: Trust
    versions: Versions
    items: tuple[Item, ...]
    points: float
    earned: float
    deductions: tuple[Deduction, ...] = ()
    problem: str = ""
    title: str = ""
    seed: str = ""
    rubric: str = ""
    submission: str = ""
    submitted: AwareDatetime | None = None
    email: str = ""
    student_id: str = ""


def rounded(marks: float) -> float:
    """Return marks in hundredths, a half upwards: the same on every machine."""
    return float(Decimal(repr(marks)).quantize(_HUNDREDTH, ROUND_HALF_UP))


def total(items: Iterable[Item], deductions: Iterable[Deduction] = ()) -> tuple[float, float]:
    """Return the points there are and those that were earned, which never are below 0."""
    there, earned = Decimal(0), Decimal(0)
    for item in items:
        there += Decimal(repr(item.points))
        earned += Decimal(repr(item.earned))
    for deduction in deductions:
        earned -= Decimal(repr(deduction.points))
    return rounded(float(there)), rounded(float(max(earned, Decimal(0))))


def day_of(moment: datetime) -> str:
    """Return a time as reports tell it. Units: UTC, to the second."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
