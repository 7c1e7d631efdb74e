"""What is known of a step's checks now: the last attempt, and what has turned since."""

from collections.abc import Mapping

from app.checks.result import CheckResult
from app.progress.model import SavedResult
from app.progress.queries import Progress

Key = tuple[str, str, str]  # learner, lesson, step


class Known:
    """Begins with what the last attempt found. Shape, of a step: {check id: result}."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps: dict[Key, dict[str, SavedResult]] = {}

    async def of(self, key: Key) -> Mapping[str, SavedResult]:
        """Return what is known of a step's checks; one that was never told is left out."""
        if key not in self._steps:
            attempts = await self._progress.attempts(*key)
            last = attempts[0].results if attempts else ()
            self._steps.setdefault(key, {result.check: result for result in last})
        return self._steps[key]

    async def take(self, key: Key, result: CheckResult) -> None:
        """Remember what a check has just found."""
        await self.of(key)
        self._steps[key][result.check] = as_saved(result)


def as_saved(result: CheckResult) -> SavedResult:
    """Return a result as progress keeps it."""
    finding = result.finding
    return SavedResult(
        check=result.check,
        title=result.title,
        passed=finding.passed,
        reason=finding.reason,
        message=finding.message,
        look=finding.look,
        evidence=tuple((piece.title, piece.text) for piece in finding.evidence),
        duration_s=result.duration_s,
    )
