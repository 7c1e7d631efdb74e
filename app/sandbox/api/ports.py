"""What the API server asks of the parts that run pods; `assembly` hands them in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from app.sandbox.objects import Json
from app.sandbox.shell.io import Io


class Kubelet(Protocol):
    """The kubelet, as far as the API server asks it. Raises: StatusError."""

    async def exec(
        self, namespace: str, pod: str, container: str, argv: Sequence[str], io: Io, tty: bool
    ) -> int:
        """Return the exit code of a program run inside a container."""
        ...

    def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        tail: int | None = None,
        previous: bool = False,
        since_s: float | None = None,
        timestamps: bool = False,
    ) -> AsyncIterator[bytes]:
        """Yield the log's lines, each with its newline."""
        ...

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to a port inside the pod. Raises also: OSError."""
        ...


Istioctl = Callable[[Json], AsyncIterator[bytes]]  # a call → its lines of JSON
