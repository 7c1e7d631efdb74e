"""A rubric's file as it is written: every key, before it is held against the course."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.grading.report import rounded

MOST_CHOICES = 10_000


def _in_hundredths(points: float) -> float:
    if rounded(points) != points:
        raise ValueError("points have two decimals at the most")
    return points


Points = Annotated[
    float, Field(ge=0, le=1_000_000, allow_inf_nan=False), AfterValidator(_in_hundredths)
]
Own = Literal["own"]  # the points that the course gives itself
ByCheck = dict[str, Points]
ByStep = dict[str, Own | Points | ByCheck]


class Entry(BaseModel):
    """A part of the file; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid")


class PricesEntry(Entry):
    """`prices`: points for each hint, for the solution, for each attempt after the free ones."""

    hint: Points = 0.0
    solution: Points = 0.0
    attempt: Points = 0.0
    free_attempts: int = Field(default=1, ge=0)


class LateEntry(Entry):
    """`late`: `percent` of all points for each day or hour begun after the deadline."""

    deadline: AwareDatetime
    per: Literal["day", "hour"] = "day"
    percent: float = Field(gt=0, le=100)
    most: float = Field(default=100.0, gt=0, le=100)


class HiddenEntry(Entry):
    """One of `hidden`: a check as checks.yaml has it, and the step that it belongs to."""

    lesson: str
    step: str
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    kind: str
    title: str
    needs: list[str] = Field(default_factory=list)
    points: Points
    with_: dict[str, object] = Field(default_factory=dict, alias="with")


class RangeEntry(Entry):
    """Whole numbers from one to another, both among them."""

    from_: int = Field(alias="from")
    to: int

    def values(self) -> tuple[int, ...]:
        """Return the numbers. Raises: ValueError where there are none, or too many."""
        if not 0 <= self.to - self.from_ < MOST_CHOICES:
            raise ValueError(f"from {self.from_} to {self.to} is no range of 1 to {MOST_CHOICES}")
        return tuple(range(self.from_, self.to + 1))


class ChoicesEntry(Entry):
    """Values, or mappings of values that belong together: each of the same keys."""

    choices: list[int | str | dict[str, int | str]] = Field(min_length=1, max_length=MOST_CHOICES)


class ChangeEntry(Entry):
    """What a step shows and asks with what was drawn."""

    texts: dict[str, str] = Field(default_factory=dict)
    checks: dict[str, dict[str, object]] = Field(default_factory=dict)


class RubricSheet(Entry):
    """The whole file."""

    title: str
    lessons: dict[str, Own | Points | ByStep] | None = None
    prices: PricesEntry = Field(default_factory=PricesEntry)
    late: LateEntry | None = None
    hidden: list[HiddenEntry] = Field(default_factory=list)
    reveal: bool = False
    skipped: Literal["zero", "excluded"] = "zero"
    secret: str = ""
    parameters: dict[str, RangeEntry | ChoicesEntry] = Field(default_factory=dict)
    drawn: dict[str, ChangeEntry] = Field(default_factory=dict)
