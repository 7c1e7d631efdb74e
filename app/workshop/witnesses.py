"""Several witnesses of one attempt, each in its transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.progress.model import Attempt
from app.progress.queries import Witness


class Witnesses:
    """Keeps the Protocol `Witness`."""

    def __init__(self, *each: Witness) -> None:
        self._each = each

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Tell all of them; where one fails, the attempt is not kept."""
        for witness in self._each:
            await witness.saw(session, learner, attempt, newly_passed=newly_passed)
