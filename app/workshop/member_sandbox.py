"""A member's sandbox as a provider: it starts only where the machine has a seat for it.

The folder is known once the seat is: a member may take over one that was started ahead of need.
"""

from pathlib import Path
from typing import Protocol

from app.clusters.sandbox import SandboxProvider
from app.commands.runner import Runner


class SeatsOf(Protocol):
    """What a member's sandbox asks of the seats."""

    async def seat(self, member: str) -> Path: ...
    async def rest(self, member: str) -> None: ...
    async def reset(self, member: str, *, actor: str) -> None: ...


class MemberSandbox(SandboxProvider):
    """Stands where a lab's own sandbox stands; `start` raises ClusterUnavailable while it waits."""

    def __init__(self, seats: SeatsOf, member: str, nowhere: Path, runner: Runner) -> None:
        super().__init__(nowhere, runner)
        self._seats = seats
        self._member = member

    async def start(self) -> None:
        """Take the seat, or wait for one. Raises: ClusterUnavailable, Refused."""
        self._folder = await self._seats.seat(self._member)

    async def stop(self) -> None:
        """Stop it and keep its state; the next act starts it again."""
        await self._seats.rest(self._member)

    async def reset(self) -> None:
        """Begin with an empty one. Raises: NotFound, ClusterUnavailable."""
        await self._seats.reset(self._member, actor=self._member)
