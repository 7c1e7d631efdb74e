"""Processes that an earlier site left behind: told from strangers by the time they started."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

_POLL_S = 0.05  # no notice comes of a process that is not our child


def start_time(pid: int) -> str:
    """Return when the kernel started this process, empty where there is none. Never shown."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if stat.parent.parent.joinpath("self").exists():
            # the program's name stands in brackets and may hold spaces: count from its end
            return stat.read_text().rpartition(")")[2].split()[19]
        told = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()


def end_orphan(pid: int, started: str) -> bool:
    """Kill the group of a process that is still the one recorded; return whether it was."""
    if not started or start_time(pid) != started:
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return True


async def end_process(pid: int, started: str, timeout_s: float) -> None:
    """Ask a process to end, and kill it after `timeout_s`; never another of its pid."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    number = signal.SIGTERM
    while started and start_time(pid) == started and not _is_zombie(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        if asyncio.get_running_loop().time() > deadline:
            number = signal.SIGKILL
        await asyncio.sleep(_POLL_S)


def _is_zombie(pid: int) -> bool:
    """Whether a process has ended and waits for init to notice, which in a container may not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"
