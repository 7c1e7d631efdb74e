"""The embedded sandbox, and the same on the real cluster that KUBECONFIG names: how fast it is."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.content.find import find_step
from app.content.loader import load_course
from app.content.model import Course
from app.settings import ROOT, Settings
from tools.bench.figure import Figure

NAMESPACE = "mesh-demo"
STARTS, PODS, CHANGES, TRIPS = 10, 10, 40, 40
REQUESTS = 2000
USABLE_S, READY_S, CHANGE_MS, WORST_MS = 3.0, 1.5, 100.0, 250.0
ROUTE = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: backend, namespace: {namespace}}}
spec:
  hosts: [backend]
  http: [{{route: [{{destination: {{host: backend, subset: {subset}}}}}]}}]
"""


@dataclass(frozen=True)
class Terminal:
    """A shell's variables: a kubeconfig, and where the programs are."""

    env: Mapping[str, str]

    def run(self, *words: str, text: str = "") -> str:
        """Run a program to its end, and return what it printed. Raises: CalledProcessError."""
        said = subprocess.run(
            words, env=dict(self.env), input=text, capture_output=True, text=True, check=True
        )
        return said.stdout

    def timed(self, *words: str, text: str = "") -> float:
        """Return how many seconds a program took."""
        start = time.perf_counter()
        self.run(*words, text=text)
        return time.perf_counter() - start


@contextmanager
def sandbox(folder: Path) -> Iterator[Terminal]:
    """Give a fresh sandbox without Istio; its folder is the terminal's, and is left there."""
    argv = [sys.executable, "-m", "app.sandbox", str(folder), "--detach"]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    try:
        yield of_folder(folder)
    finally:
        stop(folder)


def of_folder(folder: Path) -> Terminal:
    """Return the terminal of the sandbox in a folder."""
    path = f"{folder / 'release' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return Terminal({**os.environ, "PATH": path, "KUBECONFIG": str(folder / "kubeconfig")})


def stop(folder: Path) -> None:
    """End the sandbox in a folder, and wait until it has ended."""
    pid = pid_of(folder)
    os.kill(pid, 15)
    with suppress(psutil.NoSuchProcess):
        # Its parent has left: where init is slow to reap it, it stays as a zombie for a while.
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def pid_of(folder: Path) -> int:
    """Return the process of the sandbox in a folder."""
    found = re.search(r'"pid": (\d+)', (folder / "state.json").read_text())
    assert found
    return int(found[1])


def starts() -> list[Figure]:
    """Return how long it takes until a mesh can be used: sandbox up, Istio installed."""
    whole, server = [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name:
            folder, start = Path(name) / "sandbox", time.perf_counter()
            with sandbox(folder) as terminal:
                server.append(time.perf_counter() - start)
                install(terminal)
                whole.append(time.perf_counter() - start)
    return [
        Figure("start to usable mesh (sandbox, Istio's demo profile)", "s", whole, USABLE_S),
        Figure("of that, until the API server answers", "s", server),
    ]


def install(terminal: Terminal) -> None:
    """Install Istio as the course does."""
    terminal.run("istioctl", "install", "--set", "profile=demo", "-y")


def of_the_mesh(terminal: Terminal, where: str, *, has_goals: bool) -> list[Figure]:
    """Return the figures of one mesh: pods ready, changes in force, requests, round trips."""
    course = load_course(Settings().lessons_dir)
    terminal.run("kubectl", "create", "namespace", NAMESPACE)
    terminal.run("kubectl", "label", "namespace", NAMESPACE, "istio-injection=enabled")
    try:
        figures = [_pods(terminal, course, where, READY_S if has_goals else None)]
        terminal.run("kubectl", "apply", "-f", "-", text=solution(course, "canary", "v2"))
        rules = solution(course, "canary", "one-rule")
        terminal.run("kubectl", "apply", "-f", "-", text=rules)
        _until_ready(terminal)
        figures += _changes(terminal, where, has_goals=has_goals)
        figures += _requests(terminal, where)
        trips = [terminal.timed("kubectl", "get", "pods", "-n", NAMESPACE) for _ in range(TRIPS)]
        figures.append(Figure(f"kubectl get pods, {where}", "ms", _ms(trips)))
        return figures
    finally:
        terminal.run("kubectl", "delete", "namespace", NAMESPACE)


def solution(course: Course, lesson: str, step: str) -> str:
    """Return the manifests of a step's solution."""
    found = find_step(course, lesson, step)[1]
    return "\n---\n".join(manifest.solution for manifest in found.manifests)


def _pods(terminal: Terminal, course: Course, where: str, goal: float | None) -> Figure:
    manifests = solution(course, "two-services", "deploy")
    took = []
    for count in range(PODS):
        start = time.perf_counter()
        terminal.run("kubectl", "apply", "-f", "-", text=manifests)
        _until_ready(terminal)
        took.append(time.perf_counter() - start)
        if count < PODS - 1:
            terminal.run("kubectl", "delete", "deployments", "--all", "-n", NAMESPACE)
            terminal.run("kubectl", "wait", "--for=delete", "pods", "--all", "-n", NAMESPACE)
    return Figure(f"the tutorial's pods 2/2 after apply, {where}", "s", took, goal)


def _until_ready(terminal: Terminal) -> None:
    for name in ("frontend", "backend"):
        words = ("rollout", "status", f"deployment/{name}", "-n", NAMESPACE)
        terminal.run("kubectl", *words, "--timeout=120s")
    terminal.run(
        "kubectl", "wait", "--for=condition=Ready", "pods", "--all", "-n", NAMESPACE,
        "--timeout=120s",
    )  # fmt: skip


def _changes(terminal: Terminal, where: str, *, has_goals: bool) -> list[Figure]:
    """Time from the start of `kubectl apply` to the first answer from the other version."""
    for subset in ("v2", "v1"):  # the rule is there, and both were reached, before it is timed
        terminal.run("kubectl", "apply", "-f", "-", text=_route(subset))
    took = []
    for count in range(CHANGES):
        subset = "v1" if count % 2 else "v2"
        with _asking(terminal) as answers:
            next(answers)
            start = time.perf_counter()
            apply = subprocess.Popen(
                ["kubectl", "apply", "-f", "-"], env=dict(terminal.env),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            assert apply.stdin
            apply.stdin.write(_route(subset))
            apply.stdin.close()
            next(answer for answer in answers if subset in answer)
            took.append(time.perf_counter() - start)
            apply.wait()
    goals = (CHANGE_MS, WORST_MS) if has_goals else (None, None)
    name = f"kubectl apply of a VirtualService to traffic on the new route, {where}"
    return [
        Figure(name, "ms", _ms(took), goals[0], at=0.5),
        Figure("the same, its worst", "ms", _ms(took), goals[1], at=0.99),
    ]


def _route(subset: str) -> str:
    return ROUTE.format(namespace=NAMESPACE, subset=subset)


@contextmanager
def _asking(terminal: Terminal) -> Iterator[Iterator[str]]:
    """Give the answers that the frontend gets while it asks one request after the other."""
    url = "http://backend/[1-1000000]"
    argv = ["kubectl", "exec", "deploy/frontend", "-n", NAMESPACE, "-c", "frontend", "--"]
    with subprocess.Popen(
        [*argv, "curl", "-s", url], env=dict(terminal.env), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as asking:  # fmt: skip
        assert asking.stdout
        try:
            yield iter(asking.stdout)
        finally:
            asking.kill()


def _requests(terminal: Terminal, where: str) -> list[Figure]:
    """One curl in the frontend asks one request after the other, over both sidecars."""
    shown = ("-o", "/dev/null", "-w", "%{time_total}\\n")
    words = ("exec", "deploy/frontend", "-n", NAMESPACE, "-c", "frontend", "--", "curl", "-s")
    start = time.perf_counter()
    said = terminal.run("kubectl", *words, *shown, f"http://backend/[1-{REQUESTS}]")
    took = time.perf_counter() - start
    each = [float(line) for line in said.split()]
    return [
        Figure(
            f"requests through two sidecars, one after the other, {where}", "/s", [len(each) / took]
        ),
        Figure("of these, each", "ms", _ms(each), at=0.99),
    ]


def _ms(seconds: Sequence[float]) -> list[float]:
    return [value * 1000 for value in seconds]
