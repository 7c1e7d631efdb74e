"""Memory as the kernel and the container say it, from small trees of their files."""

from pathlib import Path

import pytest

from app.workshop.capacity import EACH, KEPT, capacity, most
from app.workshop.memory import MIB, Memory, read_memory

MEMINFO = "MemTotal:       8388608 kB\nMemFree: 1 kB\nMemAvailable:   4194304 kB\n"


def tree(root: Path, **files: str) -> Path:
    for name, text in {"proc/meminfo": MEMINFO, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_without_a_container_the_machine_says_what_is_there(tmp_path: Path) -> None:
    found = read_memory(tree(tmp_path))
    assert found == Memory(8192 * MIB, 4096 * MIB, "this machine's memory")


@pytest.mark.parametrize(
    ("files", "available"),
    [
        (
            {
                "sys/fs/cgroup/memory.max": f"{2048 * MIB}\n",
                "sys/fs/cgroup/memory.current": f"{1000 * MIB}\n",
                "sys/fs/cgroup/memory.stat": f"anon 1\ninactive_file {100 * MIB}\n",
            },
            1148,
        ),
        (
            {  # a limit further up is tighter than the own one
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/memory.max": f"{6000 * MIB}\n",
                "sys/fs/cgroup/a/b/memory.current": "0\n",
                "sys/fs/cgroup/a/memory.max": f"{3000 * MIB}\n",
                "sys/fs/cgroup/a/memory.current": f"{2000 * MIB}\n",
            },
            1000,
        ),
        (
            {
                "proc/self/cgroup": "5:memory:/docker/x\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{512 * MIB}\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{700 * MIB}\n",
            },
            0,
        ),
        (
            {
                "sys/fs/cgroup/memory.max": "max\n",
                "sys/fs/cgroup/memory.current": "0\n",
            },
            4096,
        ),
        (
            {  # v1 writes "no limit" as a number beyond any machine
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": "0\n",
            },
            4096,
        ),
    ],
)
def test_a_containers_limit_counts_where_it_is_tighter(
    tmp_path: Path, files: dict[str, str], available: int
) -> None:
    assert read_memory(tree(tmp_path, **files)).available == available * MIB


def test_where_the_system_says_nothing_half_of_it_counts(tmp_path: Path) -> None:
    found = read_memory(tmp_path)
    assert 0 < found.available == found.total // 2


def test_this_machine_has_some() -> None:
    found = read_memory()
    assert 0 < found.available <= found.total


@pytest.mark.parametrize(
    ("available", "used", "total"),
    [(KEPT, 0, 0), (0, 0, 0), (KEPT + EACH, 0, 1), (KEPT + 10 * EACH, 5, 15), (10**13, 0, 500)],
)
def test_the_site_keeps_its_own_memory(available: int, used: int, total: int) -> None:
    assert most(Memory(10**13, available, "x"), used) == total


def test_neither_what_was_computed_nor_what_is_left_is_overrun() -> None:
    plenty, little = Memory(10**13, 10**12, "x"), Memory(10**13, KEPT + EACH, "x")
    assert capacity(10, 7, plenty).free == 3  # fresh ones have not taken their memory yet
    assert capacity(10, 7, little).free == 1  # something else took it
    assert capacity(10, 12, plenty).free == 0
    assert "MiB" in capacity(10, 7, little).why
