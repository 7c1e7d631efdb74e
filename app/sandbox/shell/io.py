"""Where a command of exec reads from and writes to."""

from asyncio import StreamReader
from typing import Protocol


class Io(Protocol):
    """A command's three streams. Input ends; what is written is taken at once, never refused."""

    stdin: StreamReader

    def out(self, data: bytes) -> None:
        """Write to standard output."""
        ...

    def err(self, data: bytes) -> None:
        """Write to standard error."""
        ...
