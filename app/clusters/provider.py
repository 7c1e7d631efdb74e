"""Where a cluster comes from: the Protocol of all providers, and a learner's own context."""

from dataclasses import dataclass
from typing import Literal, Protocol

from app.clusters.minikube import START
from app.commands.model import Environment
from app.errors import ClusterUnavailable, NotAllowed, Refused


@dataclass(frozen=True)
class ClusterState:
    """Whether a cluster can be worked with, in a word and a sentence."""

    word: Literal["up", "down", "refused"]
    text: str


class ClusterProvider(Protocol):
    """Starts, stops and describes one cluster, and gives commands what they need to reach it."""

    async def start(self) -> None:
        """Start the cluster. Raises: Refused where it is the learner's to start."""
        ...

    async def stop(self) -> None:
        """Stop the cluster. Raises: Refused where it is the learner's to stop."""
        ...

    async def state(self) -> ClusterState:
        """Return how the cluster is now; never raises."""
        ...

    def environment(self) -> Environment:
        """Return what a command needs to reach it."""
        ...


class Answering(Protocol):
    """What a provider asks a cluster to see whether it is there."""

    async def version(self) -> str:
        """Return the API server's version. Raises: ClusterUnavailable, NotAllowed."""
        ...


class KubeconfigProvider:
    """A context that the learner brings: never started, never stopped."""

    def __init__(self, cluster: Answering, environment: Environment) -> None:
        self._cluster = cluster
        self._environment = environment

    async def start(self) -> None:
        """Refuse: it is the learner's. Raises: Refused."""
        raise Refused(
            "The lab does not start a cluster that you brought.", hint=f"With minikube: {START}"
        )

    async def stop(self) -> None:
        """Refuse: it is the learner's. Raises: Refused."""
        raise Refused(
            "The lab does not stop a cluster that you brought.", hint="With minikube: minikube stop"
        )

    async def state(self) -> ClusterState:
        """Return whether the API server answers, and to this account."""
        try:
            return ClusterState("up", f"Kubernetes {await self._cluster.version()} answers.")
        except ClusterUnavailable as error:
            return ClusterState("down", f"{error} {error.hint}".strip())
        except NotAllowed as error:
            return ClusterState("refused", f"{error} {error.hint}".strip())

    def environment(self) -> Environment:
        """Return the minified kubeconfig and the programs."""
        return self._environment
