"""`mesh-dojo sandbox`, as it is typed in a terminal."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Bench

pytestmark = pytest.mark.sandbox


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path / "lab")
    yield found
    found.command("sandbox", "down")


def test_it_is_started_used_emptied_and_ended_by_hand(bench: Bench) -> None:
    assert bench.command("sandbox", "status").returncode == 3
    assert "not running" in bench.command("sandbox", "env").stderr
    assert bench.command("sandbox", "up").returncode == 0
    told = json.loads(bench.command("sandbox", "up", "--json").stdout)
    assert told["up"] is True
    assert kubectl(bench, "create", "namespace", "mine") == "namespace/mine created\n"
    assert bench.command("sandbox", "reset").returncode == 0
    assert "mine" not in kubectl(bench, "get", "namespaces")
    down = bench.command("sandbox", "down")
    assert (down.returncode, down.stdout) == (0, "The sandbox is not running.\n")


def kubectl(bench: Bench, *words: str) -> str:
    """Run the sandbox's kubectl in a shell that took over the printed lines."""
    lines = bench.command("sandbox", "env").stdout
    script = f'{lines}\nexec kubectl "$@"'
    argv = ["sh", "-c", script, "kubectl", *words]
    env = {**bench.environment(), "PATH": os.defpath}
    said = subprocess.run(argv, env=env, capture_output=True, text=True, check=True, timeout=30)
    return said.stdout


def test_a_shell_of_ones_own_has_its_variables(bench: Bench) -> None:
    bench.program("shell", "print(os.environ['KUBECONFIG'], os.environ['PATH'].split(':')[0])")
    bench.settings["SHELL"] = str(bench.folder / "bin" / "shell")
    assert bench.command("sandbox", "up").returncode == 0
    kubeconfig, tools = bench.command("sandbox", "shell").stdout.split()
    assert Path(kubeconfig).is_file()
    assert (Path(tools) / "istioctl").is_file()
