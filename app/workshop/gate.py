"""What a member may do in a step now: pure functions of the room, of what has passed, and of time.

Reading and doing are two things: a pause stops commands and checks, and leaves the page there to
read; a step that is not open yet is not shown. Hints, help and answers never pass this gate.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.workshop.model import Member, Room, StepKey


@dataclass(frozen=True)
class Gate:
    """What is allowed, and in one sentence why not; the sentence is empty where all is."""

    may_read: bool
    may_act: bool
    why: str = ""


OPEN = Gate(True, True)


def gate(
    room: Room,
    steps: Sequence[StepKey],
    passed: Collection[StepKey],
    member: Member,
    step: StepKey,
    now: datetime,
) -> Gate:
    """Return what the member may do in a step; `steps` are the room's in order.

    An instructor may always. A step that has passed stays readable, whatever closes.
    """
    if step not in steps:
        return Gate(False, False, "That step is not part of this workshop.")
    if member.role == "instructor":
        return OPEN
    shut = _shut(room, steps, passed, step)
    may_read = not shut or step in passed
    if room.is_over(now):
        return Gate(may_read, False, shut or "The workshop has ended; its pages stay readable.")
    if member.has_left:
        return Gate(may_read, False, "You have left this workshop. Your personal link leads back.")
    if member.is_waiting:
        return Gate(False, False, f"The room is full. You are number {member.place} in the queue.")
    if shut:
        return Gate(may_read, False, shut)
    if room.is_paused:
        return Gate(True, False, "The instructor has paused the workshop. It goes on in a moment.")
    return OPEN


def shows_solution(room: Room, member: Member, step: StepKey, *, passed: bool) -> bool:
    """Return whether a member may look at a step's solution.

    Where the instructor leads, the instructor reveals it; a free room leaves it to the learner, and
    who has passed the step has nothing to lose.
    """
    if member.role == "instructor" or passed or room.plan.gating == "free":
        return True
    return step in room.revealed


def _shut(room: Room, steps: Sequence[StepKey], passed: Collection[StepKey], step: StepKey) -> str:
    if room.plan.gating == "opened" and step not in room.steps:
        return "The instructor has not opened this step yet."
    if room.plan.gating == "passed" and step not in room.steps:
        before = steps[: steps.index(step)]
        if any(each not in passed for each in before):
            return "This step opens once the checks of the one before have passed."
    return ""
