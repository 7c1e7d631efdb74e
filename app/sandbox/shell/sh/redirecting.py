"""Redirections: where a command's streams go instead."""

import posixpath
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from app.sandbox.shell.call import read_file
from app.sandbox.shell.container import Container
from app.sandbox.shell.files import Unwritable
from app.sandbox.shell.sh.streams import Streams, of_bytes
from app.sandbox.shell.sh.tree import Redirect

if TYPE_CHECKING:
    from app.sandbox.shell.sh.running import Shell

Write = Callable[[bytes], None]


async def redirected(
    shell: "Shell",
    redirects: Sequence[Redirect],
    streams: Streams,
    run: Callable[[Streams], Awaitable[int]],
) -> int:
    """Run something with its streams put elsewhere; 2 where one cannot be."""
    own = streams
    for redirect in redirects:
        target = await shell.expander(streams).text(redirect.word)
        try:
            own = _put(shell.container, redirect, target, own)
        except Unwritable as error:
            return shell.complain(f"cannot create {target}: {error.why}", streams)
        except (FileNotFoundError, IsADirectoryError):
            return shell.complain(f"cannot open {target}: No such file", streams)
        except ValueError:
            return shell.complain(f"{target}: bad file descriptor", streams)
    return await run(own)


def _put(container: Container, redirect: Redirect, target: str, own: Streams) -> Streams:
    operator = redirect.operator
    if operator == "<<":
        return own.but(stdin=of_bytes(target.encode("utf-8", "surrogateescape")))
    if operator == "<":
        return own.but(stdin=of_bytes(read_file(container, target)))
    if operator in (">&", "<&"):
        write = {"1": own.out, "2": own.err, "-": _nowhere}.get(target)
        if write is None:
            raise ValueError(target)
    else:
        write = _into(container, target, own, is_more=operator == ">>")
    if operator == "&>":
        return own.but(out=write, err=write)
    if redirect.descriptor not in (1, 2):
        raise ValueError(target)
    return own.but(out=write) if redirect.descriptor == 1 else own.but(err=write)


def _into(container: Container, target: str, own: Streams, *, is_more: bool) -> Write:
    known: dict[str, Write] = {
        "/dev/null": _nowhere,
        "/dev/stdout": own.out,
        "/dev/stderr": own.err,
        "/proc/1/fd/1": container_log(container),
    }
    if target in known:
        return known[target]
    path = posixpath.normpath(posixpath.join("/", target))
    container.write(path, b"", is_more=is_more)
    return lambda data: container.write(path, data, is_more=True)


def container_log(container: Container) -> Write:
    """Return what writes into the container's log, line by line."""

    def write(data: bytes) -> None:
        for line in data.decode("utf-8", "replace").splitlines():
            container.log(line)

    return write


def _nowhere(_data: bytes) -> None:
    return None
