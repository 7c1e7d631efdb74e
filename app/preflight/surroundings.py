"""What preflight looks at: the machine, its programs, and the cluster that was chosen, if any."""

import platform
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.clusters.kubeconfig import Context
from app.clusters.objects import Object
from app.clusters.probes import Probes
from app.clusters.programs import Programs
from app.errors import ClusterUnavailable


@dataclass(frozen=True)
class Machine:
    """The learner's machine, in the words of downloads: linux or darwin; amd64 or arm64."""

    system: str
    architecture: str

    @classmethod
    def this(cls) -> "Machine":
        """Return the machine that the lab runs on."""
        words = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
        machine = platform.machine().lower()
        return cls(platform.system().lower(), words.get(machine, machine))


class Cluster(Protocol):
    """What preflight asks a cluster."""

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Return one object, None where there is none."""
        ...

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> Sequence[Object]:
        """Return objects by name."""
        ...

    async def version(self) -> str:
        """Return the API server's version."""
        ...

    async def may(self, verb: str, kind: str, namespace: str = "", subresource: str = "") -> bool:
        """Return whether this account may do that."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """Everything that preflight looks at.

    Without a cluster, `trouble` says why there is none. `probes` makes sure of the two probes; None
    leaves them alone. `is_under_way` says that the learner has begun the course, whose objects are
    then no leftovers.
    """

    machine: Machine
    programs: Programs
    context: Context | None = None
    cluster: Cluster | None = None
    trouble: ClusterUnavailable | None = None
    probes: Callable[[], Awaitable[Probes]] | None = None
    is_under_way: bool = False
