"""The kubelet: it runs the pods of the one node, and answers for their logs, exec and ports."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from app.sandbox.network.network import Network
from app.sandbox.programs.catalog import Image
from app.sandbox.registry.registry import Registry
from app.sandbox.shell.container import Agent
from app.sandbox.shell.io import Io


class Kubelet:
    """Runs every pod that is assigned to the node.

    `find` gives an image by its reference: assembly puts istiod's own programs before the catalog.
    `agent` gives the sidecar's agent of a namespace's pod, for exec. `pace` scales back-off times
    (1.0 as in reality). A probe goes to the pod's door; one of the ports 15000 to 15099, and what
    port-forward opens, goes to the program's own socket.
    """

    def __init__(
        self,
        registry: Registry,
        network: Network,
        find: Callable[[str], Image | None],
        *,
        agent: Callable[[str, str], Agent | None] = lambda namespace, pod: None,
        pace: float = 1.0,
    ) -> None:
        self.registry = registry
        self.network = network
        self.find = find
        self.agent = agent
        self.pace = pace

    def start(self) -> None:
        """Begin to run what is assigned to the node, now and from now on."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End every program at once; the objects stay as they are."""
        raise NotImplementedError

    async def exec(
        self, namespace: str, pod: str, container: str, argv: Sequence[str], io: Io, tty: bool
    ) -> int:
        """Return the exit code of a command run inside a container. Raises: StatusError."""
        raise NotImplementedError

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
        """Yield the log's lines, each with its newline. Raises: StatusError."""
        raise NotImplementedError

    async def portforward(
        self, namespace: str, pod: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to a port inside the pod. Raises: StatusError, OSError."""
        raise NotImplementedError
