"""What practice needs of the place where commands and checks go: one Protocol, one record."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.clusters.cluster import Cluster, PodRef
from app.clusters.live import LiveView
from app.commands.model import Environment


@dataclass(frozen=True)
class Bench:
    """The cluster that is worked in now, with what its commands and checks need.

    `probes` makes sure of the two probes and returns (inside, outside).
    """

    context: str
    cluster: Cluster
    environment: Environment
    live: LiveView
    probes: Callable[[], Awaitable[tuple[PodRef, PodRef]]]
    addons: Mapping[str, Path]


class Workplace(Protocol):
    """Knows which cluster is chosen."""

    async def bench(self) -> Bench:
        """Return the chosen cluster's bench. Raises: ClusterUnavailable where there is none."""
        ...
