"""What an attempt means for the learner's room, kept in the attempt's own transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.progress.model import Attempt
from app.store.room_tables import MemberRow
from app.workshop.help import HelpQueue
from app.workshop.log import Log

MOST: int = 300  # characters of a message on the board; the attempt keeps all of it


class RoomWitness:
    """Keeps the Protocol `app.progress.queries.Witness`."""

    def __init__(self, log: Log, helps: HelpQueue) -> None:
        self._log = log
        self._helps = helps

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Tell the room of a step that passed or failed; who is in no room is left alone."""
        member = await session.get(MemberRow, learner)
        if member is None:
            return
        at = {"lesson": attempt.lesson, "step": attempt.step}
        if newly_passed:
            await self._log.append(
                session,
                member.room,
                "step.passed",
                actor=learner,
                **at,
                by_itself=attempt.by_itself,
                self_reported=member.is_self_reported,
            )
            step = (attempt.lesson, attempt.step)
            await self._helps.step_passed(session, member.room, learner, step)
        for result in attempt.results:
            if result.passed is False:
                await self._log.append(
                    session,
                    member.room,
                    "check.failed",
                    actor=learner,
                    **at,
                    check=result.check,
                    reason=result.reason,
                    message=result.message[:MOST],
                )
                return  # the first says why; what rests on it was skipped
