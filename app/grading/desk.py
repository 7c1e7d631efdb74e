"""What grading needs of the place where a learner works: Protocols that the lab's own keep."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.checks.result import CheckResult
from app.clusters.cluster import Cluster
from app.clusters.programs import Programs
from app.commands.model import Run


class Bench(Protocol):
    """The cluster that is graded, and the programs that go with it."""

    @property
    def cluster(self) -> Cluster: ...
    @property
    def programs(self) -> Programs: ...
    @property
    def is_sandbox(self) -> bool: ...


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

    async def stop(self, learner: str, run: str) -> None:
        """End a run."""
        ...
