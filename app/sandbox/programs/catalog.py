"""Which images there are, by reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.sandbox.shell.container import Program


@dataclass(frozen=True)
class Image:
    """An image: what it runs where a pod says nothing else, its files, and exec's PATH.

    `program` runs `container.argv` (entrypoint and command, or what the pod put in their place).
    """

    name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    program: Program
    files: Mapping[str, bytes] = field(default_factory=dict)
    tools: frozenset[str] = frozenset()
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    user: int = 0
    workdir: str = "/"


def find(reference: str) -> Image | None:
    """Return the image of a reference (`nginx`, `docker.io/hashicorp/http-echo:1.0`), or None."""
    raise NotImplementedError
