"""How much memory this machine can still give: the kernel's word for it, and the container's limit.

Source: https://docs.kernel.org/filesystems/proc.html (MemAvailable),
https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.max, memory.current, memory.stat).
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """Units: bytes. `source` says in words what set the limit."""

    total: int
    available: int
    source: str


def read_memory(root: Path = Path("/")) -> Memory:
    """Return the memory of this machine, or of the container that this process runs in.

    Where the system does not say what is free (macOS), half of what there is counts as such.
    """
    machine = _of_machine(root)
    limits = [limit for limit in (_v2(root), _v1(root)) if limit and limit.total < machine.total]
    return min([machine, *limits], key=lambda each: each.available)


def _of_machine(root: Path) -> Memory:
    with suppress(OSError, ValueError, KeyError):
        lines = (root / "proc/meminfo").read_text().splitlines()
        fields = {
            name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines)
        }
        total, available = (int(fields[name]) * 1024 for name in ("MemTotal", "MemAvailable"))
        return Memory(total, available, "this machine's memory")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Memory(total, total // 2, "half of this machine's memory")


def _v2(root: Path) -> Memory | None:
    """Return the tightest limit on the way from this process's control group to the top."""
    found = []
    top = root / "sys/fs/cgroup"
    folder = top / _group(root, "0::")
    while folder == top or top in folder.parents:
        with suppress(OSError, ValueError):
            limit = int((folder / "memory.max").read_text())  # "max" where there is none
            used = int((folder / "memory.current").read_text())
            used -= _stat(folder, "inactive_file")
            found.append(_limited(limit, used))
        folder = folder.parent
    return min(found, key=lambda each: each.available, default=None)


def _v1(root: Path) -> Memory | None:
    top = root / "sys/fs/cgroup/memory"
    for folder in (top / _group(root, ":memory:"), top):
        with suppress(OSError, ValueError):
            limit = int((folder / "memory.limit_in_bytes").read_text())
            used = int((folder / "memory.usage_in_bytes").read_text())
            return _limited(limit, used - _stat(folder, "total_inactive_file"))
    return None


def _group(root: Path, mark: str) -> str:
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            if mark in line:
                return line.partition(mark)[2].lstrip("/")
    return ""


def _stat(folder: Path, name: str) -> int:
    """Return a line of memory.stat: file pages that the kernel gives back when it is asked."""
    with suppress(OSError):
        for line in (folder / "memory.stat").read_text().splitlines():
            word, _, value = line.partition(" ")
            if word == name:
                return int(value)
    return 0


def _limited(limit: int, used: int) -> Memory:
    return Memory(limit, max(0, limit - used), "the memory limit of this container")
