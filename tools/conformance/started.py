"""A sandbox of one's own with Istio in it, for as long as it is asked."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.conformance.cluster import Cluster

STOP_S = 20.0


class NoEnvoy(Exception):
    """This platform has no Envoy, so the mesh has no effect here; the text says why."""


@contextmanager
def sandbox(folder: Path) -> Iterator[Cluster]:
    """Give a sandbox that keeps its state in `folder`. Raises: NoEnvoy."""
    argv = [sys.executable, "-m", "app.sandbox", str(folder)]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    try:
        state = json.loads(child.stdout.readline())
        if state["plain"]:
            raise NoEnvoy(state["plain"])
        with Cluster(Path(state["kubeconfig"]), programs(state)) as cluster:
            install = ["istioctl", "install", "--set", "profile=demo", "-y"]
            answer = cluster.ask(install, cluster.room("default"))
            if answer.code:
                raise RuntimeError(answer.err)
            yield cluster
    finally:
        os.kill(child.pid, signal.SIGTERM)
        child.wait(STOP_S)
        child.stdout.close()


def programs(state: dict[str, str]) -> str:
    """Return the folder of a sandbox's programs."""
    return str(Path(state["release"]) / "bin")
