"""A lab as it is really started: `mesh-dojo serve` in a process of its own, over stub programs."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import yaml

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h
ENDS_S = 5.0  # the site promises two; on a busy machine this only tells ending from hanging


@dataclass
class Bench:
    """A folder with programs, a kubeconfig and the data of one lab."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "home").mkdir()

    @property
    def data(self) -> Path:
        """Where the lab keeps what it knows."""
        return self.folder / "data"

    @property
    def errors(self) -> Path:
        """What the site writes to standard error."""
        return self.folder / "errors.txt"

    @property
    def kubeconfig(self) -> Path:
        """The learner's kubeconfig; it need not exist."""
        return self.folder / "kubeconfig"

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH that runs this Python text, in place of an earlier one."""
        fresh = self.folder / "bin" / f".{name}"
        fresh.write_text(f"#!{sys.executable} -ISu\nimport os, sys, time\n{text}\n")
        fresh.chmod(0o755)
        fresh.replace(self.folder / "bin" / name)

    def points_to(self, server: str, context: str = "practice", current: str = "") -> None:
        """Write a kubeconfig of one context."""
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": current or context,
            "clusters": [{"name": context, "cluster": {"server": server}}],
            "users": [{"name": context, "user": {"token": "a-token-of-nobody"}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        }
        self.kubeconfig.write_text(yaml.safe_dump(document))

    def environment(self) -> Mapping[str, str]:
        """Return what the lab's process finds around it."""
        return {
            "PATH": str(self.folder / "bin"),
            "HOME": str(self.folder / "home"),
            "KUBECONFIG": str(self.kubeconfig),
            "LANG": "C.UTF-8",
            "MESH_DOJO_DATA_DIR": str(self.data),
            "MESH_DOJO_LOG_LEVEL": "warning",
            "MESH_DOJO_SANDBOX": "false",
            **self.settings,
        }

    def command(
        self, *arguments: str, before: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `mesh-dojo` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            env=dict(self.environment()),
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=before,
        )

    def _start(
        self, arguments: Sequence[str], before: Callable[[], None] | None
    ) -> subprocess.Popen[str]:
        with self.errors.open("a") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--port", str(free_port()), *arguments],
                env=dict(self.environment()),
                cwd=Path(__file__).parents[1],
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                preexec_fn=before,
            )

    @asynccontextmanager
    async def served(
        self, *arguments: str, before: Callable[[], None] | None = None
    ) -> "AsyncIterator[Served]":
        """Start the site on a free port, and end it whatever happens."""
        process = self._start(arguments, before)
        try:
            yield Served(process, await asyncio.to_thread(_address, process), self.errors)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.stdout
            process.stdout.close()
            await asyncio.to_thread(process.wait, 10)


@dataclass
class Served:
    """A site that runs; `address` is the printed one, with its token."""

    process: subprocess.Popen[str]
    address: str
    errors: Path

    def family(self) -> list[psutil.Process]:
        """Return the processes that the site has started, and those that they have."""
        return psutil.Process(self.process.pid).children(recursive=True)

    async def ended(self) -> int:
        """Return the exit status, waiting for the end."""
        return await asyncio.to_thread(self.process.wait, ENDS_S)

    def said(self) -> str:
        """Return what the site wrote into its log."""
        return self.errors.read_text()


async def gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that are still there after a moment; init may take seconds to bury the dead."""
    end = time.monotonic() + ENDS_S
    while alive := [each for each in processes if lives(each.pid)]:
        if time.monotonic() > end:
            break
        await asyncio.sleep(0.02)
    return alive


def heed_modes() -> None:
    """Before a program starts: take root's right to write what is write-protected from it."""
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
        raise PermissionError("this root may not give up a right, so a file mode shows nothing")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if "token=" in line:
            return line.strip()
    return ""


def lives(pid: int) -> bool:
    """Return whether this process runs, and is not merely waiting to be buried."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
