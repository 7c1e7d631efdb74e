"""A sandbox in a process of its own, as a learner has one: started, asked by kubectl, killed."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[3]
START_S = 60.0
ASKED_S = 60.0
ENDS_S = 20.0
CLIENTS = """
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {containers: [{name: client, image: curlimages/curl, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: hashicorp/http-echo, args: [-text=hello]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 5678}]}
"""

Done = subprocess.CompletedProcess[str]


@dataclass
class Away:
    """A sandbox's process. `runtime` is where it has its sockets; `state` is its `state.json`."""

    process: psutil.Popen
    folder: Path
    runtime: Path
    state: Mapping[str, object]

    @property
    def environment(self) -> dict[str, str]:
        """What a terminal that uses this sandbox has around it."""
        release = Path(str(self.state["release"]))
        path = f"{release / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "KUBECONFIG": str(self.state["kubeconfig"]), "PATH": path}

    def run(self, *argv: str, given: str = "", within_s: float = ASKED_S) -> Done:
        """Run a program to its end, whatever its code."""
        return subprocess.run(
            argv, env=self.environment, input=given, capture_output=True, text=True,
            errors="replace", timeout=within_s, check=False,
        )  # fmt: skip

    def kubectl(self, *words: str, given: str = "", within_s: float = ASKED_S) -> str:
        """Return what kubectl prints; it must succeed."""
        done = self.run("kubectl", *words, given=given, within_s=within_s)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sh(self, script: str, pod: str = "client", within_s: float = ASKED_S) -> Done:
        """Run a script of the sandbox's shell in a pod."""
        return self.run("kubectl", "exec", pod, "--", "sh", "-c", script, within_s=within_s)

    def begin(self, *argv: str, is_unread: bool = False) -> "subprocess.Popen[bytes]":
        """Start a program whose output goes nowhere, or into a pipe that nobody reads."""
        to = subprocess.PIPE if is_unread else subprocess.DEVNULL
        return subprocess.Popen(
            argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=to, stderr=to
        )

    def cpu_s(self) -> float:
        """Return how much of a processor's time the process itself has had."""
        return float(sum(self.process.cpu_times()[:2]))

    def answers_s(self) -> float:
        """Return how long a request takes."""
        began = time.monotonic()
        self.kubectl("get", "--raw", "/api/v1/namespaces/default")
        return time.monotonic() - began

    def memory(self) -> int:
        """Return how many MiB the process itself has."""
        return int(self.process.memory_info().rss) >> 20

    def is_idle(self) -> bool:
        """Whether it does next to nothing for a moment."""
        return bool(self.process.cpu_percent(0.3) < 25)

    def envoys(self) -> list[psutil.Process]:
        """Return its Envoys that live."""
        found = self.process.children(recursive=True)
        return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]

    def kill(self) -> None:
        """End it as SIGKILL does."""
        self.process.kill()
        self.process.wait(ENDS_S)

    def end(self) -> int:
        """End it as it is asked to end; return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return int(self.process.wait(ENDS_S))

    def said(self) -> str:
        """Return its log."""
        return (self.folder / "errors").read_text()


def start(
    folder: Path, runtime: Path, *, before: Callable[[], None] | None = None, lease_s: float = 0
) -> Away:
    """Return a sandbox that can be used; `before` runs in its process before it begins."""
    folder.mkdir(exist_ok=True, mode=0o700)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    argv = [sys.executable, "-m", "app.sandbox", str(folder), "--lease-s", str(lease_s)]
    with (folder / "errors").open("w") as errors:
        process = psutil.Popen(
            argv, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors,
            stdin=subprocess.DEVNULL, text=True, preexec_fn=before,
        )  # fmt: skip
    with process.stdout:
        assert select.select([process.stdout], [], [], START_S)[0], "it does not start"
        line = process.stdout.readline()
    assert line, (folder / "errors").read_text()
    return Away(process, folder, runtime, json.loads(line))


@contextmanager
def runtime() -> Iterator[Path]:
    """A folder for sockets, with the short path that these need."""
    made = Path(tempfile.mkdtemp(prefix="bad-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def away(folder: Path, before: Callable[[], None] | None = None) -> Iterator[Away]:
    """A sandbox that is ended, whatever happens."""
    with runtime() as sockets:
        made = start(folder, sockets, before=before)
        try:
            yield made
        finally:
            made.end()


def populate(made: Away, objects: str = CLIENTS) -> None:
    """Have pods in the default namespace, and wait until they are ready."""
    made.kubectl("apply", "-f", "-", given=objects)
    made.kubectl("wait", "--for=condition=Ready", "pods", "--all", "--timeout=40s")


def install(made: Away) -> None:
    """Install the mesh without gateways, and have the default namespace injected."""
    done = made.run("istioctl", "install", "--set", "profile=minimal", "-y")
    assert done.returncode == 0, done.stderr
    made.kubectl("label", "namespace", "default", "istio-injection=enabled")


def until(is_so: Callable[[], object], within_s: float = ENDS_S) -> None:
    """Return as soon as it is so; it must be in time."""
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end, "it is still not so"
        time.sleep(0.02)
