"""The installed programs: where kubectl, istioctl and minikube lie, and running them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from app.clusters.cluster import Output

NAMES: Final = ("kubectl", "istioctl", "minikube")


class Programs(Protocol):
    """Finds kubectl, istioctl and minikube by their plain names, and runs them."""

    def path(self, name: str) -> Path | None:
        """Return where a program lies, None where it is not installed."""
        ...

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> Output:
        """Run one to its end; `argv[0]` is the plain name. Raises: ToolMissing."""
        ...


def find_programs(search_path: str, own_folder: Path) -> dict[str, Path]:
    """Return which programs are installed, by name: the learner's own first, then the lab's.

    `search_path` is a PATH; `own_folder` is where the lab's environment keeps its programs, among
    them the kubectl that comes with the lab.
    """
    found = {}
    for name in NAMES:
        place = shutil.which(name, path=search_path) or shutil.which(name, path=str(own_folder))
        if place:
            found[name] = Path(place).absolute()
    return found
