"""The program as a shell calls it, in this process: with a home of its own and no cluster."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.program import program

Call = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with no kubeconfig in it, and programs that say nothing useful."""
    (tmp_path / "bin").mkdir()
    for name in ("kubectl", "istioctl"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\necho nothing\n")
        (tmp_path / "bin" / name).chmod(0o755)
    for name in ("KUBERNETES_SERVICE_HOST", "MESH_DOJO_CONTEXT", "MESH_DOJO_KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("MESH_DOJO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def call(home: Path) -> Call:
    """Call `mesh-dojo` with these words."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(program, list(words), catch_exceptions=False)

    return run
