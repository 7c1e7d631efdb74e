"""What grading needs of the place where a learner works: Protocols that the lab's own keep."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.checks.result import CheckResult
from app.clusters.cluster import Cluster
from app.clusters.probes import Probes
from app.clusters.programs import Programs
from app.commands.model import Run, Scope
from app.commands.runs import Runs
from app.content.model import Course
from app.progress.queries import Progress


class Bench(Protocol):
    """The cluster that is graded, and the programs that go with it."""

    @property
    def cluster(self) -> Cluster: ...
    @property
    def programs(self) -> Programs: ...
    @property
    def is_sandbox(self) -> bool: ...
    @property
    def probes(self) -> Callable[[], Awaitable[Probes]]: ...


class Workplace(Protocol):
    """Knows which cluster is graded."""

    async def bench(self) -> Bench:
        """Return the cluster's bench. Raises: ClusterUnavailable, NotAllowed, Refused."""
        ...


class Judge(Protocol):
    """Runs a step's checks for a mark."""

    async def judge(self, learner: str, lesson: str, step: str) -> Sequence[CheckResult]:
        """Return the results in order; nothing is recorded."""
        ...


class Desk(Judge, Protocol):
    """Does what a learner does, under the learner's own policy. Raises as its acts do."""

    async def run(
        self, learner: str, lesson: str, step: str, command: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a command of the step."""
        ...

    async def run_line(
        self, learner: str, lesson: str, step: str, line: str, texts: Mapping[str, str]
    ) -> Run:
        """Start a typed line."""
        ...

    async def scope(self, lesson: str, step: str, texts: Mapping[str, str]) -> Scope:
        """Return what a command of the step may touch."""
        ...


@dataclass(frozen=True)
class Place:
    """A cluster of its own with somebody who works in it: where a submission is replayed."""

    learner: str
    desk: Desk
    workplace: Workplace
    progress: Progress
    runs: Runs


class Opens(Protocol):
    """Opens a place over the sandbox of a folder, and ends that sandbox with it."""

    def __call__(
        self, folder: Path, course: Course, start: Path | None = None
    ) -> AbstractAsyncContextManager[Place]:
        """Give the place; its cluster is empty, or as the one of folder `start` was at its end.

        Raises: Unavailable.
        """
        ...
