"""What a running container is to its program and to exec: its files, its network, its log."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from app.sandbox.network.network import Network
from app.sandbox.network.place import Place
from app.sandbox.shell.files import Files

SIDECAR_USER = 1337  # what this user sends is not captured by the sidecar


class Agent(Protocol):
    """The sidecar's agent and Envoy's admin interface, with addresses in place of sockets."""

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body. Raises: ConnectionError where Envoy does not run."""
        ...


class Say(Protocol):
    """How a program writes to its container's log."""

    def __call__(self, line: str, end: str = "\n") -> None:
        """Write a line; the last of a program may be without an end."""
        ...


@dataclass
class Container:
    """One run of a container. `argv` is entrypoint and args, resolved; `tools` is its PATH.

    A program ends soon after `stopping` is set.
    """

    argv: list[str]
    env: dict[str, str]
    files: Files
    place: Place
    network: Network
    log: Say
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    tools: frozenset[str] = frozenset()
    user: int = 0
    agent: Agent | None = None

    def write(self, path: str, data: bytes, *, is_more: bool = False) -> None:
        """Write a file as this container's user. Raises: Unwritable."""
        self.files.write(path, data, is_more=is_more, user=self.user)

    async def connect(
        self, host: str, port: int, timeout_s: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection as this container's user makes it. Raises: NetworkError."""
        is_captured = self.user != SIDECAR_USER
        return await self.network.connect(
            self.place, host, port, timeout_s, is_captured=is_captured
        )


Program: TypeAlias = Callable[[Container], Awaitable[int]]
