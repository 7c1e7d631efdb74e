"""One Envoy process: started, asked, stopped."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from app.sandbox.objects import Obj
from app.sandbox.proxy.http1 import ask
from app.sandbox.proxy.process import spawn

FLAGS = (
    "--concurrency", "1",
    "--disable-hot-restart",  # two with the same base id cannot run, and shared memory would stay
    "--file-flush-interval-msec", "200",
    "--drain-time-s", "1",  # longer, what STRICT refuses would go on; 0 cuts requests under way
    "--drain-strategy", "immediate",
    "--log-level", "warning",
    "--component-log-level", "misc:error",
    "--log-format", "%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t",
)  # fmt: skip
ADMIN_S = 10.0
LONGEST_LINE = 64 * 1024


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
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: asyncio.Future[int] | None = None
        self._output = -1
        self._partial = b""
        self._free: Callable[[], None] = lambda: None

    @property
    def admin_socket(self) -> Path:
        """Return the socket of its admin interface."""
        return self.folder / "admin"

    @property
    def pid(self) -> int | None:
        """Return the process's id, None before the start."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether the process ran and has ended."""
        return self._ended is not None and self._ended.done()

    async def start(self) -> None:
        """Start the process; returns as soon as it runs, ready or not. Raises: OSError."""
        config = self.folder / "envoy.json"
        config.write_text(json.dumps(self.bootstrap))
        config.chmod(0o600)
        self.admin_socket.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._output, writing = os.pipe()
        os.set_blocking(self._output, False)
        try:
            argv = [str(self.binary), "-c", str(config), *FLAGS]
            self._process, self._free = spawn(argv, folder=self.folder, env={}, output=writing)
        except OSError:
            os.close(self._output)
            raise
        finally:
            os.close(writing)
        self._ended = loop.create_future()
        loop.add_reader(self._output, self._read)

    async def wait(self) -> int:
        """Return the exit code once the process has ended; negative: the signal that ended it."""
        assert self._ended is not None
        return await asyncio.shield(self._ended)

    async def stop(self, grace_s: float = 5.0) -> int:
        """End the process and return its exit code; it is killed when the grace is over."""
        if self.has_ended:
            return await self.wait()
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_s):
                return await self.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            return await self.wait()

    def kill(self) -> None:
        """End the process at once, without waiting for it."""
        self._signal(signal.SIGKILL)

    async def is_ready(self) -> bool:
        """Return whether its listeners are up and its configuration is there."""
        try:
            return (await self.admin("/ready"))[0] == 200
        except (OSError, TimeoutError):
            return False

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body of an answer of the admin interface, sockets' paths as they are.

        Raises: ConnectionError where the process does not run; TimeoutError.
        """
        async with asyncio.timeout(ADMIN_S):
            try:
                return await ask(self.admin_socket, method, path)
            except FileNotFoundError as error:
                raise ConnectionRefusedError("Envoy's admin interface is not there") from error

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            if (
                which is signal.SIGKILL
            ):  # the guard, where there is one, kills its child with itself
                self._free()
                self._free = lambda: None
            self._process.send_signal(which)

    def _read(self) -> None:
        """Take what Envoy wrote. The pipe's end is the process's: nobody else holds it."""
        try:
            data = os.read(self._output, LONGEST_LINE)
        except BlockingIOError:
            return
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()[:LONGEST_LINE]
        for line in lines:
            self._say(line.decode(errors="replace"))
        if not data:
            self._finish()

    def _finish(self) -> None:
        assert self._process is not None
        assert self._ended is not None
        asyncio.get_running_loop().remove_reader(self._output)
        os.close(self._output)
        if self._partial:
            self._say(self._partial.decode(errors="replace"))
        code = self._process.wait()  # its output has ended, so it is about to be reaped
        self._free()
        self._free = lambda: None
        if not self._ended.done():
            self._ended.set_result(code)
