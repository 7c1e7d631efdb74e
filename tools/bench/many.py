"""Sandboxes side by side: what one that nobody uses costs, and whether thirty cost more each."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from app.content.loader import load_course
from app.settings import Settings
from tools.bench.figure import Figure
from tools.bench.sandbox import NAMESPACE, Terminal, install, pid_of, sandbox, solution

COUNTS = (1, 10, 30)
IDLE_S = 20.0
SETTLE_S = 3.0
MEMORY_MIB, IDLE_SHARE, ALL_SHARE = 150.0, 3.0, 60.0


def idle() -> list[Figure]:
    """Return memory and processor time of 1, 10 and 30 idle sandboxes with the tutorial's mesh."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name, ExitStack() as stack:
        folders: list[Path] = []
        for count in COUNTS:
            while len(folders) < count:
                folder = Path(name) / str(len(folders))
                stack.enter_context(_mesh(folder))
                folders.append(folder)
            figures += _figures(folders)
    return figures


@contextmanager
def _mesh(folder: Path) -> Iterator[Terminal]:
    """Give a sandbox with Istio, frontend and backend."""
    course = load_course(Settings().lessons_dir)
    with sandbox(folder) as terminal:
        install(terminal)
        terminal.run("kubectl", "create", "namespace", NAMESPACE)
        terminal.run("kubectl", "label", "namespace", NAMESPACE, "istio-injection=enabled")
        for lesson, step in (("two-services", "deploy"), ("canary", "v2")):
            terminal.run("kubectl", "apply", "-f", "-", text=solution(course, lesson, step))
        for deployment in ("frontend", "backend", "backend-v2"):
            words = ("rollout", "status", f"deployment/{deployment}", "-n", NAMESPACE)
            terminal.run("kubectl", *words, "--timeout=120s")
        yield terminal


def _figures(folders: list[Path]) -> list[Figure]:
    processes = [process for folder in folders for process in _family(pid_of(folder))]
    time.sleep(SETTLE_S)
    before = _seconds(processes)
    time.sleep(IDLE_S)
    share = (_seconds(processes) - before) / IDLE_S * 100
    memory = sum(process.memory_full_info().uss for process in processes) / 2**20
    count = len(folders)
    called = "one idle mesh" if count == 1 else f"{count} idle meshes side by side"
    memory_goal = MEMORY_MIB if count == 1 else None
    share_goal = {1: IDLE_SHARE, 30: ALL_SHARE}.get(count)
    return [
        Figure(f"{called}: unshared memory of each", "MiB", [memory / count], memory_goal),
        Figure(f"{called}: share of one core, all together", "%", [share], share_goal),
    ]


def _family(pid: int) -> list[psutil.Process]:
    own = psutil.Process(pid)
    return [own, *own.children(recursive=True)]


def _seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)
