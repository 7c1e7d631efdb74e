"""Running one command inside a container, as `kubectl exec` does, or as the container's own."""

import posixpath
import secrets
from asyncio import StreamReader
from collections.abc import Sequence

from app.sandbox.shell.call import BadUse, Call
from app.sandbox.shell.container import Container
from app.sandbox.shell.files import Unwritable
from app.sandbox.shell.io import Io
from app.sandbox.shell.sh.running import Shell
from app.sandbox.shell.sh.streams import Broken, Full
from app.sandbox.shell.tools.table import SHELLS, TOOLS

MOST_OUTPUT = 64 * 1024 * 1024  # bytes of one command
KILLED = 137
FOLDERS = ("", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")


class NotStarted(Exception):
    """The runtime could not start the command: there is no such program in the image.

    Its text is what the runtime says of an exec; kubectl's exit code is then 1. `why` is the part
    that is the same where a container itself cannot start.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            "Internal error occurred: Internal error occurred: "  # kubelet and API server, each
            "error executing command in container: failed to exec in container: "
            f'failed to start exec "{secrets.token_hex(32)}": OCI runtime exec failed: '
            f"exec failed: unable to start container process: {why}: unknown"
        )


class _Counted:
    """An Io that carries only so much."""

    def __init__(self, io: Io) -> None:
        self.stdin: StreamReader = io.stdin
        self._io = io
        self._left = MOST_OUTPUT

    def out(self, data: bytes) -> None:
        self._count(data)
        self._io.out(data)

    def err(self, data: bytes) -> None:
        self._count(data)
        self._io.err(data)

    def _count(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise Full


def _home(user: int) -> str:
    """The home that the image's list of users gives."""
    return {0: "/root", 100: "/home/curl_user"}.get(user, "/")


def find_tool(container: Container, name: str) -> str | None:
    """Return the tool that a name or a path stands for in a container; None where there is none."""
    folder, tool = posixpath.split(name)
    is_known = tool in container.tools and (tool in TOOLS or tool in SHELLS)
    return tool if is_known and folder in FOLDERS else None


async def execute(argv: Sequence[str], io: Io, container: Container) -> int:
    """Return the exit code of a command. Raises: NotStarted. May be cancelled at any moment."""
    name = argv[0] if argv else ""
    tool = find_tool(container, name)
    if tool is None:
        missing = "no such file or directory"
        why = f"stat {name}: {missing}" if "/" in name else "executable file not found in $PATH"
        raise NotStarted(f'exec: "{name}": {why}')
    counted = _Counted(io)
    try:
        env = {**container.env, "HOME": container.env.get("HOME", _home(container.user))}
        return await run_tool(Call([tool, *argv[1:]], counted, container, env))
    except (Full, ExceptionGroup) as error:
        if isinstance(error, ExceptionGroup) and error.subgroup(Full) is None:
            raise
        io.err(b"the sandbox does not carry so much output of one command\n")
        return KILLED


async def run_tool(call: Call) -> int:
    """Return the exit code of a tool or of a shell."""
    call.run = run_tool
    if call.name in SHELLS:
        return await Shell(call, run_tool, find_tool).main()
    try:
        return await TOOLS[call.name](call)
    except BadUse as error:
        return call.complain(str(error), error.code)
    except Unwritable as error:
        return call.complain(str(error))
    except ExceptionGroup as group:
        if group.subgroup(Broken) is None:
            raise
        raise Broken from group
