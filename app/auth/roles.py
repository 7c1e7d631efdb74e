"""Who may do what: the one table, and the person that a session belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from app.auth.access import Holder


class Role(StrEnum):
    """What a person is to this site. A visitor has no session."""

    VISITOR = "visitor"
    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    OWNER = "owner"


class Right(StrEnum):
    """What a route lets do; the value says it in words."""

    ENTER = "come in by a link or a code"
    READ = "read the course"
    WORK = "run commands and checks in the own cluster"
    ARRANGE = "choose the cluster, and look at this machine"
    ATTEND = "be in a room: ask for help, see the own record"
    LEAD = "see the room's board, and act in the room"
    OPEN = "open rooms, and delete what they know of people"


LEARNING: Final = frozenset({Role.LEARNER, Role.OWNER})
LEADING: Final = frozenset({Role.INSTRUCTOR, Role.OWNER})

RIGHTS: Final[Mapping[Right, frozenset[Role]]] = {
    Right.ENTER: frozenset(Role),
    Right.READ: LEARNING,
    Right.WORK: LEARNING,
    Right.ARRANGE: frozenset({Role.OWNER}),
    Right.ATTEND: frozenset({Role.LEARNER}),
    Right.LEAD: LEADING,
    Right.OPEN: frozenset({Role.OWNER}),
}


@dataclass(frozen=True)
class Person(Holder):
    """Who asks: the holder of a session, known by name. `room` is empty for the owner."""

    role: Role
    name: str = ""
    room: str = ""

    def may(self, right: Right) -> bool:
        """Return whether the table lets this person do it."""
        return self.role in RIGHTS[right]


class People(Protocol):
    """Knows who the ids of sessions are."""

    async def find(self, holder: Holder) -> Person | None:
        """Return the person, None where the session is nobody's any more."""
        ...
