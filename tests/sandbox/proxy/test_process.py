"""Processes end with their owner."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.sandbox.proxy.process import spawn

OWNER = """
import os, sys, time
from pathlib import Path
from app.sandbox.proxy.process import spawn
process, _ = spawn(["/bin/sleep", "60"], folder=Path("/"), env={}, output=1,
                   has_death_signal=sys.argv[1] == "signal")
print("started", flush=True)
time.sleep(60)
"""
WAYS = ["signal", "guard"] if sys.platform == "linux" else ["guard"]


@pytest.mark.parametrize("way", WAYS)
def test_a_process_ends_when_its_owner_is_killed(way: str) -> None:
    reading, writing = os.pipe()
    owner = subprocess.Popen([sys.executable, "-c", OWNER, way], stdout=writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as output:
        assert output.readline() == b"started\n"
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        readable, _, _ = select.select([output], [], [], 10)
        assert readable, "somebody still holds the output: the process has outlived its owner"
        assert output.read() == b""


@pytest.mark.parametrize("way", WAYS)
def test_the_exit_code_is_the_processs_own(way: str, tmp_path: Path) -> None:
    process, free = _spawned(["/bin/sh", "-c", "exit 7"], way, tmp_path)
    assert process.wait(timeout=10) == 7
    free()


@pytest.mark.parametrize("way", WAYS)
def test_a_signal_to_stop_reaches_the_process(way: str, tmp_path: Path) -> None:
    script = "trap 'exit 5' TERM; : > ready; while :; do sleep 0.01; done"
    process, free = _spawned(["/bin/sh", "-c", script], way, tmp_path)
    while not (tmp_path / "ready").exists():
        assert process.poll() is None
    process.terminate()
    assert process.wait(timeout=10) == 5
    free()


def _spawned(argv: list[str], way: str, folder: Path):  # type: ignore[no-untyped-def]
    with open(os.devnull, "wb") as output:
        env = {"PATH": "/usr/bin:/bin"}
        return spawn(
            argv,
            folder=folder,
            env=env,
            output=output.fileno(),
            has_death_signal=way == "signal",
        )
