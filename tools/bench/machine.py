"""What the figures were measured on: without it they say nothing."""

import os
import platform
import subprocess
from datetime import UTC, datetime

import psutil


def load() -> str:
    """Return the load averages of 1, 5 and 15 minutes, and the priority if it is a raised one."""
    averages = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    return f"{averages} (1, 5, 15 minutes)" + (f"; run with nice {nice}" if nice else "")


def describe(browser: str) -> str:
    """Return the machine and its programs as a sentence; `browser` is a path or empty."""
    memory = psutil.virtual_memory().total / 2**30
    parts = [
        f"{os.cpu_count()} cores, {memory:.0f} GiB",
        f"{platform.system()} {platform.release()} ({platform.machine()})",
        f"Python {platform.python_version()}",
        version(browser) if browser else "no Chromium",
    ]
    return "; ".join(parts)


def now() -> str:
    """Return date and time, to the minute."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def version(program: str) -> str:
    """Return what a program says of its own version."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or program
