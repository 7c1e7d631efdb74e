"""The embedded sandbox as a provider: started in a process of its own, kept alive by a lease.

What the two agree on is files in the sandbox's folder: `lock` is held while one runs, `state.json`
says where it is, touching `lease` renews it, SIGTERM ends it with its state kept.
"""

import asyncio
import fcntl
import json
import os
import sys
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.clusters.provider import ClusterState
from app.commands.model import Environment
from app.commands.orphans import end_process, start_time
from app.commands.runner import Runner
from app.errors import ClusterUnavailable

NAME: Final = "mesh-dojo-sandbox"  # of its context; no learner has one of this name
PROGRAMS: Final = ("kubectl", "istioctl", "minikube")  # the last one stands in, and says so
LEASE_S: Final = 15 * 60.0
RENEW_S: Final = 60.0
START_S: Final = 30.0
STOP_S: Final = 8.0


@dataclass(frozen=True)
class Running:
    """A sandbox that is up. `plain` says why it has no Envoy; empty where it has one."""

    pid: int
    kubeconfig: Path
    release: Path  # bin/ with kubectl and istioctl, samples/
    lease_s: float
    plain: str = ""


class SandboxProvider:
    """Starts and stops the sandbox of one folder. `lease_s` 0 is one that waits to be stopped."""

    def __init__(self, folder: Path, runner: Runner, *, lease_s: float = LEASE_S) -> None:
        self._folder = folder
        self._runner = runner
        self._lease_s = lease_s
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the sandbox, or take over the one that runs. Raises: ClusterUnavailable.

        Whoever asks may leave meanwhile: others share the start, and it goes on.
        """
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Give up a start that is under way; a sandbox that runs goes on."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)

    async def _start(self) -> None:
        if self.running() is not None:
            self.renew()
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        argv = [sys.executable, "-m", "app.sandbox", str(self._folder), "--detach"]
        argv += ["--lease-s", str(self._lease_s)]
        env = {key: os.environ[key] for key in _KEPT if key in os.environ}
        child = await self._runner.start(argv, env, self._folder)
        try:
            async with aclosing(child.said(START_S)) as batches:
                said = [line.text async for batch in batches for line in batch]
        finally:
            self._runner.forget(child)
        if child.is_timed_out or child.code or self.running() is None:
            why = " ".join(said) or f"It was not there within {START_S:g} s."
            raise ClusterUnavailable(
                f"The sandbox did not start. {why}", hint=f"See {self._folder}/log"
            )

    async def stop(self) -> None:
        """End the sandbox; its state is kept in its folder."""
        running = self.running()
        if running is not None:
            await end_process(running.pid, start_time(running.pid), STOP_S)

    async def reset(self) -> None:
        """End the sandbox and forget its objects; the next start gives an empty cluster."""
        await self.stop()
        await asyncio.to_thread((self._folder / "snapshot.json").unlink, missing_ok=True)

    async def state(self) -> ClusterState:
        """Return whether it runs; never raises."""
        running = self.running()
        if running is None:
            return ClusterState("down", "The sandbox is not running.")
        return ClusterState("up", running.plain or "The sandbox runs on this machine.")

    def environment(self) -> Environment:
        """Return what a command needs to reach it. Raises: ClusterUnavailable."""
        running = self.running()
        if running is None:
            raise ClusterUnavailable("The sandbox is not running.", hint="mesh-dojo sandbox up")
        programs = {name: running.release / "bin" / name for name in PROGRAMS}
        return Environment(running.kubeconfig, programs)

    def renew(self) -> None:
        """Keep a leased sandbox alive for another `LEASE_S`."""
        if self._folder.is_dir():
            (self._folder / "lease").touch(mode=0o600)

    def running(self) -> Running | None:
        """Return where the sandbox is; None where none runs in the folder."""
        try:
            with (self._folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            pass
        try:
            told = json.loads((self._folder / "state.json").read_bytes())
            return Running(
                pid=int(told["pid"]),
                kubeconfig=Path(told["kubeconfig"]),
                release=Path(told["release"]),
                lease_s=float(told["lease_s"]),
                plain=str(told["plain"]),
            )
        except (FileNotFoundError, ValueError, KeyError):
            return None  # just starting, or just ending


_KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR", "PYTHONPATH", "VIRTUAL_ENV")
