"""What the site is made of: each thing it asks, as the few verbs that it needs of it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from app.auth.access import Access
from app.auth.roles import People, Person
from app.bus import Bus
from app.clusters.provider import ClusterState
from app.commands.runs import Runs
from app.content.model import Course
from app.practice.chosen import ContextChoice
from app.practice.desk import Desk
from app.preflight.finding import Finding
from app.progress.queries import Progress
from app.settings import Settings
from app.web.attendance import Attendance
from app.web.panel import Snapshot
from app.workshop.reporting.reporter import Reporter
from app.workshop.solving import Solving
from app.workshop.workshop import Workshop


class LiveViews(Protocol):
    """The cluster beside the text."""

    def watch(self, namespaces: Sequence[str]) -> AsyncIterator[Snapshot]:
        """Yield what is there now, then anew whenever it changes."""
        ...

    async def describe(
        self, what: Literal["yaml", "describe", "logs"], kind: str, name: str, namespace: str
    ) -> str:
        """Return one object as text. Raises: NotFound, ClusterUnavailable."""
        ...

    async def names(self, kind: str, namespace: str) -> list[str]:
        """Return the names of the objects of a kind. Raises: ClusterUnavailable, NotAllowed."""
        ...


class Preflight(Protocol):
    """What stands between the learner and the course."""

    def look(self) -> AsyncGenerator[Finding, None]:
        """Yield findings as they are made."""
        ...


class Contexts(Protocol):
    """Which cluster the course works in."""

    async def all(self) -> list[ContextChoice]:
        """Return the contexts of the kubeconfig, by name."""
        ...

    async def choose(self, name: str, confirmation: str) -> None:
        """Work in this context from now on.

        Raises: NotFound; Refused where it looks like production and `confirmation` is not its name.
        """
        ...

    async def sandbox(self) -> ClusterState | None:
        """Return how the embedded sandbox is now, None where this lab has none."""
        ...

    async def reset_sandbox(self) -> None:
        """Forget everything in the sandbox. Raises: Refused where there is none."""
        ...

    async def is_ready(self) -> bool:
        """Return whether the chosen cluster answers, and may be worked in."""
        ...


class Seats(Protocol):
    """Where the learners of rooms work."""

    async def services(self, person: Person) -> "Services":
        """Return what this learner works with. Raises: Unavailable where it has to wait."""
        ...


@dataclass(frozen=True)
class Outside:
    """How others reach the site: the address to project, where it is not the instructor's own, and
    the fingerprint of a certificate that the site made itself.
    """

    address: str = ""
    fingerprint: str = ""

    def base(self, asked: str) -> str:
        """Return where links of this site begin, for somebody who asked at an address."""
        return self.address or asked.rstrip("/")


HERE: Final = Outside()  # reached as whoever asks has reached it


@dataclass(frozen=True)
class Services:
    """Everything that a route may ask for. `lifespans` are entered at start and left at stop."""

    settings: Settings
    course: Course
    bus: Bus
    desk: Desk
    progress: Progress
    runs: Runs
    live: LiveViews
    preflight: Preflight
    contexts: Contexts
    access: Access
    people: People
    seats: Seats
    workshop: Workshop
    solving: Solving | None = None  # None where the site reaches no learner's cluster
    outside: Outside = HERE
    reporter: Reporter | None = None  # of the owner's own lab
    attendance: Attendance | None = None  # of a learner in a room
    lifespans: Sequence[AbstractAsyncContextManager[object]] = field(default=())
