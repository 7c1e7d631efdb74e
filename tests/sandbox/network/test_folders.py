"""The folder of the sockets is short, private, and never left behind for good."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox.network.folders import LONGEST, Folders

LEAVES = "from app.sandbox.network.folders import Folders; import os; f = Folders(); f.make(); "


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    short = Path(f"/tmp/t{os.getpid()}")  # pytest's own may be too long for a socket
    short.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    yield short
    for each in sorted(short.rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    short.rmdir()


def test_the_runtime_folder_is_preferred_and_private(runtime: Path) -> None:
    folders = Folders()
    assert folders.root.parent == runtime
    assert stat.S_IMODE(folders.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(folders.make().stat().st_mode) == 0o700
    folders.close()
    folders.close()
    assert list(runtime.iterdir()) == []


def test_what_a_killed_sandbox_left_is_removed_by_the_next(runtime: Path) -> None:
    killed = LEAVES + "os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed], check=False)
    assert len(list(runtime.iterdir())) == 1
    folders = Folders()
    assert list(runtime.iterdir()) == [folders.root]
    folders.close()


def test_a_sandbox_that_runs_keeps_its_folder(runtime: Path) -> None:
    first, second = Folders(), Folders()
    assert first.root.exists()
    first.close()
    second.close()


def test_a_runtime_folder_with_a_long_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    folders = Folders()
    assert len(str(folders.make() / "i65535")) <= LONGEST
    folders.close()
