"""One thing that a learner's own lab reports, and how a batch of them travels as JSON.

Evidence stays at home: it may show the learner's own cluster. The times in it are the learner's
clock's, which may be wrong; the room goes by its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Refused
from app.progress.model import Attempt, SavedResult

VERSION: Final = 1
MOST_ENTRIES: Final = 100
MOST_BYTES: Final = 512 * 1024  # of a batch
MOST_RESULTS: Final = 40
MOST_TEXT: Final = 600

Id = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, Field(max_length=MOST_TEXT)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportedResult(_Frozen):
    """A check's result, without its evidence. Units: `duration_s` seconds."""

    check: Id
    title: Text
    passed: bool | None
    reason: Annotated[str, Field(max_length=60)]
    message: Text
    duration_s: Annotated[float, Field(ge=0, le=86_400)]

    def saved(self) -> SavedResult:
        """Return it as progress keeps it."""
        return SavedResult(
            self.check, self.title, self.passed, self.reason, self.message, "", (), self.duration_s
        )


class Entry(_Frozen):
    """A step that was opened, or an attempt at it. `seq` counts from 1 in the learner's lab."""

    seq: Annotated[int, Field(ge=1, le=2**53)]
    kind: Literal["opened", "attempt"]
    at: datetime
    lesson: Id
    step: Id
    by_itself: bool = False
    results: Annotated[tuple[ReportedResult, ...], Field(max_length=MOST_RESULTS)] = ()


class Batch(_Frozen):
    """Some entries in the order of their numbers; a number may come again, and counts once."""

    version: Literal[1] = VERSION
    entries: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=MOST_ENTRIES)]


def read_batch(body: bytes) -> Batch:
    """Return a batch as it came over the network. Raises: Refused, with the place of the mistake.

    Nothing of what was sent is in the message.
    """
    if len(body) > MOST_BYTES:
        raise Refused(f"A report has {MOST_BYTES // 1024} KiB at the most.")
    try:
        return Batch.model_validate_json(body)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Refused(
            f"This report cannot be read (at {place or 'its beginning'}).",
            hint="The lab and the room may be of different versions.",
        ) from error


def write_batch(entries: Sequence[Entry]) -> bytes:
    """Return entries as JSON, ready to be sent."""
    return Batch(entries=tuple(entries)).model_dump_json().encode()


def entry_of(seq: int, attempt: Attempt) -> Entry:
    """Return an attempt as it is reported."""
    return Entry(
        seq=seq,
        kind="attempt",
        at=attempt.at,
        lesson=attempt.lesson,
        step=attempt.step,
        by_itself=attempt.by_itself,
        results=tuple(_reported(result) for result in attempt.results[:MOST_RESULTS]),
    )


def _reported(result: SavedResult) -> ReportedResult:
    return ReportedResult(
        check=result.check,
        title=result.title[:MOST_TEXT],
        passed=result.passed,
        reason=result.reason[:60],
        message=result.message[:MOST_TEXT],
        duration_s=result.duration_s,
    )
