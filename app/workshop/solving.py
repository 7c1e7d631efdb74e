"""An instructor solves a step for one learner, or for everybody: so that nobody is left behind."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from app.content.model import Course
from app.errors import AppError
from app.workshop.log import Log
from app.workshop.model import Member, StepKey
from app.workshop.outline import outline
from app.workshop.rooms import Rooms
from app.workshop.roster import Roster

AT_ONCE: Final = 2  # solutions: each keeps a sandbox busy, and learners work beside them


class Solves(Protocol):
    """Does a step's solution on a member's cluster, and runs its checks."""

    async def solve(self, member: str, lesson: str, step: str) -> None:
        """Return once the step has passed. Raises: AppError where it did not."""
        ...


@dataclass(frozen=True)
class Solved:
    """What came of it for one member; `why` is empty where the step is solved."""

    member: str
    why: str = ""


class Solving:
    """Solves for members of one room. `solves` is practice's work, by wiring."""

    def __init__(
        self, log: Log, course: Course, rooms: Rooms, roster: Roster, solves: Solves
    ) -> None:
        self._log = log
        self._course = course
        self._rooms = rooms
        self._roster = roster
        self._solves = solves

    async def solve(
        self, room: str, step: StepKey, members: Sequence[str] = (), *, actor: str
    ) -> list[Solved]:
        """Solve a step for these members, or for all learners whose cluster the site can reach.

        One for whom it fails does not keep the others from it. Raises: NotFound.
        """
        outline(self._course, (await self._rooms.get(room)).plan).require(step)
        there = await self._roster.members(room)
        chosen = [each for each in there if each.id in members or (not members and _is_able(each))]
        turns = asyncio.Semaphore(AT_ONCE)
        work = (self._solve(turns, each, step, actor) for each in chosen)
        return list(await asyncio.gather(*work))

    async def _solve(
        self, turns: asyncio.Semaphore, member: Member, step: StepKey, actor: str
    ) -> Solved:
        if not _is_able(member):
            return Solved(member.id, "Has no sandbox in this room now.")
        async with turns:
            try:
                await self._solves.solve(member.id, *step)
            except AppError as error:
                return Solved(member.id, str(error))
        at = {"lesson": step[0], "step": step[1]}
        await self._log.note(member.room, "step.solved", actor=actor, subject=member.id, **at)
        return Solved(member.id)


def _is_able(member: Member) -> bool:
    is_there = not member.has_left and not member.is_waiting
    return member.role == "learner" and is_there and not member.is_self_reported
