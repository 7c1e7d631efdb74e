"""What practice needs of the place where commands and checks go: one Protocol, one record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.clusters.cluster import Cluster
from app.clusters.live import LiveView
from app.clusters.probes import Probes
from app.clusters.programs import Programs
from app.clusters.provider import ClusterProvider
from app.commands.model import Environment


@dataclass(frozen=True)
class Bench:
    """The cluster that is worked in now, with what its commands and checks need.

    `probes` makes sure of the two probes, `sweep` removes them. `addons` are the manifests of the
    learner's Istio release, by the name that the course uses for them.
    """

    context: str
    cluster: Cluster
    provider: ClusterProvider
    programs: Programs
    live: LiveView
    probes: Callable[[], Awaitable[Probes]]
    sweep: Callable[[], Awaitable[None]]
    addons: Mapping[str, Path]
    is_sandbox: bool = False


class Workplace(Protocol):
    """Knows which cluster is chosen."""

    async def bench(self) -> Bench:
        """Return the chosen cluster's bench. Raises: ClusterUnavailable where there is none."""
        ...

    def bare(self) -> Environment:
        """Return what a command gets that needs no cluster, such as one that makes one."""
        ...
