"""Processes that an earlier site left behind: told from strangers by the time they started."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path


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
