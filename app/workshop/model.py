"""The records of a workshop: its plan, the room, who is in it, what was asked and what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

ClusterKind = Literal["sandbox", "own"]
Gating = Literal["free", "opened", "passed"]
Role = Literal["learner", "instructor"]
StepKey = tuple[str, str]  # lesson id, step id
EventKind = Literal[
    "room.opened",
    "room.paused",
    "room.resumed",
    "room.extended",
    "room.enlarged",
    "room.closed",
    "room.exported",
    "room.erased",
    "member.joined",
    "member.admitted",
    "member.returned",
    "member.left",
    "member.consented",
    "member.erased",
    "step.opened",
    "step.closed",
    "step.passed",
    "step.solved",
    "check.failed",
    "solution.revealed",
    "note.sent",
    "note.withdrawn",
    "help.asked",
    "help.answered",
    "help.withdrawn",
    "sandbox.waiting",
    "sandbox.started",
    "sandbox.stopped",
    "sandbox.resumed",
    "sandbox.reset",
    "sandbox.restored",
    "sandbox.died",
    "report.taken",
]

OWNER: Final = "owner"  # the actor of what the person at the machine does
SITE: Final = "site"  # the actor of what nobody did: a sandbox that died, an end that came


@dataclass(frozen=True)
class Plan:
    """What an instructor asks for. `lessons` are ids in the course's order; empty: all of them.

    `gating`: every step at once, those that the instructor opened, or the next one once the check
    has passed. `takes_self_reported` False refuses results of clusters that the site cannot see.
    Units: `keep_days` until personal data is deleted, counted from the end of the room.
    """

    name: str
    lessons: tuple[str, ...] = ()
    capacity: int = 30
    ends: datetime | None = None
    cluster: ClusterKind = "sandbox"
    gating: Gating = "free"
    takes_self_reported: bool = True
    keep_days: int = 30


@dataclass(frozen=True)
class Room:
    """A workshop. `steps` are those the instructor opened, `revealed` those whose solution is."""

    id: str
    code: str
    plan: Plan
    opened: datetime
    closed: datetime | None = None
    is_paused: bool = False
    steps: frozenset[StepKey] = frozenset()
    revealed: frozenset[StepKey] = frozenset()
    last_seq: int = 0
    erased: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Return whether it was closed, or its time has run out."""
        return self.closed is not None or (self.plan.ends is not None and self.plan.ends <= now)

    def ended(self, now: datetime) -> datetime | None:
        """Return when it ended, None while it goes on."""
        if not self.is_over(now):
            return None
        ends = [end for end in (self.closed, self.plan.ends) if end is not None]
        return min(ends)

    def erase_due(self, now: datetime) -> bool:
        """Return whether the names in it have been kept for as long as was promised."""
        ended = self.ended(now)
        return ended is not None and ended + timedelta(days=self.plan.keep_days) <= now


@dataclass(frozen=True)
class Member:
    """Somebody in a room. Its id is that of the learner in progress and runs, too.

    `email` is an e-mail address or a student number, as typed, or empty. `place` is 0 for who was
    admitted, else the place in the queue for a seat in the room, from 1. `number` counts arrivals.
    """

    id: str
    room: str
    number: int
    name: str
    email: str
    role: Role
    joined: datetime
    last_seen: datetime
    place: int = 0
    has_left: bool = False
    consents_terminal: bool = False
    is_self_reported: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether the room was full when this one came, and is still."""
        return self.place > 0


@dataclass(frozen=True)
class Help:
    """One line that a learner asked. `place` counts from 1 in the queue; 0 once it is over."""

    id: int
    room: str
    member: str
    step: StepKey
    text: str
    asked: datetime
    answered: datetime | None = None
    withdrawn: datetime | None = None
    reply: str = ""
    place: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.answered is None and self.withdrawn is None


@dataclass(frozen=True)
class Note:
    """What the instructor told everybody; shown to who comes later, until `expires`."""

    id: int
    room: str
    text: str
    sent: datetime
    expires: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened. `seq` counts from 1 in its room, without a gap.

    `actor` and `subject` are ids of members, OWNER, SITE or empty. Shape of `data`: flat; nothing
    in it names a person but the ids.
    """

    room: str
    seq: int
    at: datetime
    kind: EventKind
    actor: str
    subject: str = ""
    data: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
