"""One Envoy process: started, asked, stopped."""

from collections.abc import Callable
from pathlib import Path

from app.sandbox.objects import Obj


class Envoy:
    """An Envoy with a folder of its own, in which its sockets and files are.

    `say` takes each line that it writes to standard output or error, access log lines among them.
    It ends with this process, however this process ends.
    """

    def __init__(
        self, binary: Path, folder: Path, bootstrap: Obj, say: Callable[[str], None]
    ) -> None:
        self.binary = binary
        self.folder = folder
        self.bootstrap = bootstrap
        self._say = say

    async def start(self) -> None:
        """Start the process; returns as soon as it runs, ready or not. Raises: OSError."""
        raise NotImplementedError

    async def wait(self) -> int:
        """Return the exit code once the process has ended; negative: the signal that ended it."""
        raise NotImplementedError

    async def stop(self, grace_s: float = 5.0) -> int:
        """End the process and return its exit code; it is killed when the grace is over."""
        raise NotImplementedError

    async def is_ready(self) -> bool:
        """Return whether its listeners are up and its configuration is there."""
        raise NotImplementedError

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body of an answer of the admin interface, sockets' paths as they are.

        Raises: ConnectionError where the process does not run.
        """
        raise NotImplementedError
