"""What the app may ask of a cluster: the Protocol that real, recorded and fake ones keep."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.clusters.objects import Object


@dataclass(frozen=True)
class PodRef:
    """One container of one pod. An empty `container` is the pod's default one."""

    namespace: str
    pod: str
    container: str = ""


@dataclass(frozen=True)
class Output:
    """What a short command said. `code` is None when its time ran out."""

    code: int | None
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Change:
    """One event of a watch; `synced` ends the first listing of a kind (its `object` is None)."""

    type: Literal["added", "modified", "deleted", "synced"]
    kind: str
    object: Object | None


class Cluster(Protocol):
    """Reads objects, and asks questions from inside pods; changes nothing.

    Kinds are named as in manifests: Pod, VirtualService ... (`kinds.py` lists all that are known).
    Raises, all of them: ClusterUnavailable where the API server does not answer; NotAllowed where
    it answers that this account may not.
    """

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Return one object, None where there is none (or its kind is not installed)."""
        ...

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Return objects by name; all namespaces where none is given. A kind not installed: none.

        `labels` is a label selector as kubectl's -l takes it.
        """
        ...

    def watch(self, kinds: Sequence[str], namespace: str) -> AsyncIterator[Change]:
        """Yield what is there, then what changes, for ever; reconnects by itself.

        Of kind Namespace, it is the one of that name.
        A break in the connection longer than a few seconds raises ClusterUnavailable.
        """
        ...

    def ask(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> AsyncIterator[str]:
        """Run one program inside a container; yield its lines (stdout) as they come.

        Leaving the iteration early ends the program's stream. The last line is `exit N` preceded by
        the byte \\x00 (so that no output can look like it): `\\x00exit 0`; `\\x00exit timeout`.
        """
        ...

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one program inside a container and return everything it said."""
        ...

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run istioctl with these arguments. Raises also: ToolMissing."""
        ...
