"""What an instructor sees of one learner: steps, the last attempts with evidence, commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.commands.model import Run
from app.progress.model import Attempt, StepState
from app.web.services import Services
from app.workshop.model import Member, Room, StepKey
from app.workshop.outline import outline


@dataclass(frozen=True)
class MemberMark:
    """A step of the room with the learner's state in it; None where it was never opened."""

    key: StepKey
    lesson: str
    title: str
    state: StepState | None


@dataclass(frozen=True)
class MemberView:
    """One learner of a room. `here` is the step that was open last, `attempts` are those at it."""

    room: Room
    member: Member
    steps: Sequence[MemberMark]
    here: StepKey | None
    attempts: Sequence[Attempt]
    runs: Sequence[Run]

    @property
    def passed(self) -> int:
        """How many steps have passed."""
        return sum(1 for mark in self.steps if mark.state and mark.state.passed)


async def view_member(house: Services, room: Room, member: Member) -> MemberView:
    """Return what the room's page of a learner shows. Raises: StoreUnavailable."""
    journey = await house.progress.journey(member.id)
    steps = [
        MemberMark(stop.key, stop.lesson.title, stop.step.title, journey.steps.get(stop.key))
        for stop in outline(house.course, room.plan).stops
    ]
    here = journey.last
    return MemberView(
        room=room,
        member=member,
        steps=steps,
        here=here,
        attempts=await house.progress.attempts(member.id, *here) if here else (),
        runs=await house.runs.newest(member.id),
    )
