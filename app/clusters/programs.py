"""What the clusters and preflight need of installed programs: where they lie, and running them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.clusters.cluster import Output


class Programs(Protocol):
    """Finds kubectl, istioctl and minikube by their plain names, and runs them."""

    def path(self, name: str) -> Path | None:
        """Return where a program lies, None where it is not installed."""
        ...

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one to its end; `argv[0]` is the plain name. Raises: ToolMissing."""
        ...
