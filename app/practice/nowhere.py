"""The cluster of a learner who has none: what asks it nothing can be checked all the same."""

from collections.abc import AsyncIterator, Sequence

from app.clusters.cluster import Change, Output, PodRef
from app.clusters.objects import Object
from app.errors import AppError


class Nowhere:
    """Keeps the Protocol `Cluster`: every question raises why it cannot be asked."""

    def __init__(self, why: AppError) -> None:
        self._why = why

    async def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Raise."""
        raise self._why

    async def list(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Raise."""
        raise self._why

    def watch(self, kinds: Sequence[str], namespace: str) -> AsyncIterator[Change]:
        """Raise."""
        raise self._why

    def ask(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> AsyncIterator[str]:
        """Raise."""
        raise self._why

    async def exec(self, pod: PodRef, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Raise."""
        raise self._why

    async def istioctl(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Raise."""
        raise self._why
