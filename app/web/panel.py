"""The cluster as the panel beside a step shows it: rows of text that kubectl would print too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mood = Literal["good", "busy", "bad", "plain"]


@dataclass(frozen=True)
class PodRow:
    """A pod, `ready` and `status` as kubectl prints them; `reason` says what is wrong."""

    namespace: str
    name: str
    ready: str
    status: str
    restarts: int
    age: str
    mood: Mood = "plain"
    reason: str = ""
    has_sidecar: bool = False


@dataclass(frozen=True)
class ObjectRow:
    """A Service or a mesh object, with the few words that tell it apart."""

    kind: str
    namespace: str
    name: str
    detail: str = ""


@dataclass(frozen=True)
class EventRow:
    """An event of the namespace, newest first."""

    age: str
    type: str
    reason: str
    object: str
    message: str
    count: int = 1


@dataclass(frozen=True)
class Snapshot:
    """What the namespaces hold at one moment. `trouble` says why the cluster could not be read.

    `context` is the kubeconfig's name for the cluster, which may be the embedded sandbox.
    """

    pods: Sequence[PodRow] = ()
    services: Sequence[ObjectRow] = ()
    mesh: Sequence[ObjectRow] = ()
    events: Sequence[EventRow] = ()
    missing: Sequence[str] = ()
    trouble: str = ""
    context: str = ""
    is_sandbox: bool = False

    @property
    def summary(self) -> str:
        """Return the one line of the collapsed panel."""
        if self.trouble:
            return "cluster out of reach"
        whole = sum(pod.mood == "good" for pod in self.pods)
        return f"{whole} of {len(self.pods)} pods ready" if self.pods else "no pods yet"
