"""Where a transfer's output goes: standard output, nowhere, or a file below /tmp."""

from collections.abc import Callable, Sequence

from app.sandbox.shell.container import Container
from app.sandbox.shell.curl.failures import WRITE, Failure
from app.sandbox.shell.curl.options import Group
from app.sandbox.shell.curl.transfer import Sinks
from app.sandbox.shell.files import Unwritable
from app.sandbox.shell.io import Io

MOST = 1024 * 1024  # bytes that are kept of what goes into a file


class Target:
    """What -o, -O, -i and -D ask for, of one transfer."""

    def __init__(self, group: Group, name: str | None, container: Container, io: Io) -> None:
        self.name = name or ""
        self._group = group
        self._container = container
        self._io = io
        self._kept = bytearray()
        self._heads = bytearray()
        self._is_kept = name not in (None, "-", "/dev/null", "/dev/stdout")

    def sinks(self, tell: Callable[[str, bytes], None] | None) -> Sinks:
        """Return where the transfer's parts go."""
        return Sinks(self._body(), self._head() if self._wants_heads() else None, tell)

    def finish(self) -> None:
        """Write the files. Raises: Failure."""
        try:
            if self._is_kept:
                self._container.write(self.name, bytes(self._kept))
            if (path := self._group.value("dump-header")) not in ("", "-", "/dev/null"):
                self._container.write(path, bytes(self._heads))
        except Unwritable as error:
            self._io.err(f"Warning: Failed to open the file {error}\n".encode())
            raise Failure(WRITE, "Failure writing output to destination") from error

    def _wants_heads(self) -> bool:
        group = self._group
        return any(map(group.has, ("include", "show-headers", "head"))) or bool(
            group.value("dump-header")
        )

    def _body(self) -> Callable[[bytes], None]:
        if self._is_kept:
            return self._keep
        return _nowhere if self.name == "/dev/null" else self._io.out

    def _head(self) -> Callable[[bytes], None]:
        body = self._body()
        shows = any(map(self._group.has, ("include", "show-headers", "head")))
        dump = self._group.value("dump-header")

        def take(raw: bytes) -> None:
            if shows:
                body(raw)
            if dump == "-":
                self._io.out(raw)
            elif dump:
                self._heads.extend(raw[: MOST - len(self._heads)])

        return take

    def _keep(self, data: bytes) -> None:
        if len(self._kept) + len(data) > MOST:
            raise Failure(WRITE, "Failure writing output to destination")
        self._kept += data


def name_of(group: Group, number: int, url: str, words: Sequence[str]) -> str | None:
    """Return the output of the URL of a number, None for standard output.

    Raises: Failure where -O finds no name in the URL.
    """
    if number < len(group.outputs):
        name: str | None = group.outputs[number]
    else:
        name = "" if group.has("remote-name-all") else None
    if name == "":
        path = url.partition("?")[0].partition("://")[2]
        name = path.rpartition("/")[2] if "/" in path else ""
        if not name:
            raise Failure(WRITE, "Remote file name has no length")
    for place, word in enumerate(words, 1):
        name = name.replace(f"#{place}", word) if name else name
    folder = group.value("output-dir")
    return f"{folder}/{name}" if name and folder and name not in ("-", "/dev/null") else name


def _nowhere(_data: bytes) -> None:
    return None
