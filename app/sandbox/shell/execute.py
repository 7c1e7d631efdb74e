"""Running one command inside a container, as `kubectl exec` does."""

from collections.abc import Sequence

from app.sandbox.shell.container import Container
from app.sandbox.shell.io import Io


class NotStarted(Exception):
    """The runtime could not start the command: there is no such program in the image.

    Its text is the whole sentence that kubectl prints after `error: Internal error occurred: `;
    kubectl's exit code is then 1.
    """


async def execute(argv: Sequence[str], io: Io, container: Container) -> int:
    """Return the exit code of a command. Raises: NotStarted. May be cancelled at any moment."""
    raise NotImplementedError
