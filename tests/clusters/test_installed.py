"""Installed programs, run to their end."""

from pathlib import Path

import pytest

from app.clusters.installed import InstalledPrograms
from app.commands.model import Environment
from app.commands.runner import Runner
from app.errors import ToolMissing


async def test_a_program_says_all_that_it_says(tmp_path: Path) -> None:
    script = tmp_path / "istioctl"
    script.write_text("#!/bin/sh\necho out $1\necho err >&2\nexit 7\n")
    script.chmod(0o755)
    environment = Environment(tmp_path / "kubeconfig", {"istioctl": script})
    async with Runner() as runner:
        programs = InstalledPrograms(runner, environment)
        output = await programs.run(["istioctl", "version"], timeout_s=5)
    assert (output.code, output.stdout, output.stderr) == (7, "out version", "err")
    assert programs.path("istioctl") == script


async def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "minikube"
    script.write_text("#!/bin/sh\necho first\nexec /bin/sleep 60\n")
    script.chmod(0o755)
    environment = Environment(tmp_path / "kubeconfig", {"minikube": script})
    async with Runner() as runner:
        programs = InstalledPrograms(runner, environment)
        output = await programs.run(["minikube"], timeout_s=0.3)
    assert (output.code, output.stdout) == (None, "first")


async def test_a_missing_program_is_said(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "kubeconfig", {})
    async with Runner() as runner:
        programs = InstalledPrograms(runner, environment)
        assert programs.path("istioctl") is None
        with pytest.raises(ToolMissing):
            await programs.run(["istioctl"], timeout_s=5)
