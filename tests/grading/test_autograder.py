"""The autograder's zip: what Gradescope asks of it, and nothing that does not belong in it."""

import io
import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from app.errors import Refused
from app.grading.autograder import FILES, PARTS, autograder_zip
from app.settings import ROOT

RUBRIC = b"title: Week 3\n"


@pytest.fixture(scope="module")
def packed() -> zipfile.ZipFile:
    data = autograder_zip(ROOT, ROOT / "lessons", RUBRIC, "after_published")
    return zipfile.ZipFile(io.BytesIO(data))


def test_both_scripts_are_at_the_root_executable_and_shell(
    packed: zipfile.ZipFile, tmp_path: Path
) -> None:
    for name in ("setup.sh", "run_autograder"):
        entry = packed.getinfo(name)
        assert entry.external_attr >> 16 == stat.S_IFREG | 0o755
        (tmp_path / name).write_bytes(packed.read(name))
        subprocess.run(["sh", "-n", tmp_path / name], check=True)
        assert packed.read(name).startswith(b"#!/bin/sh\n")


def test_it_holds_the_rubric_and_what_set_up_and_grading_need(packed: zipfile.ZipFile) -> None:
    names = set(packed.namelist())
    assert packed.read("rubric.yaml") == RUBRIC
    wanted = {f"product/{name}" for name in ("tools/setup.py", "app/cli/program.py", "README.md")}
    wanted |= {
        f"product/{path.relative_to(ROOT).as_posix()}"
        for path in [*ROOT.glob("lessons/*/*.md"), *ROOT.glob("requirements*.lock")]
        if "dev" not in path.name
    }
    assert wanted <= names


def test_nothing_compiled_hidden_linked_or_of_another_kind_is_in_it(
    packed: zipfile.ZipFile,
) -> None:
    for entry in packed.infolist():
        parts = entry.filename.split("/")
        assert parts[0] in {"product", "setup.sh", "run_autograder", "rubric.yaml"}
        assert not [part for part in parts if part.startswith((".", "__pycache__"))], parts
        assert stat.S_ISREG(entry.external_attr >> 16)
        assert parts[1:2] not in (["tests"], ["docs"], ["k8s"])


def test_the_run_hands_on_who_sees_hidden_checks(packed: zipfile.ZipFile) -> None:
    assert b"--hidden after_published\n" in packed.read("run_autograder")


def test_equal_input_gives_equal_bytes_whenever_it_is_made(tmp_path: Path) -> None:
    for name in (*PARTS, *FILES):
        file = tmp_path / name if "." in name else tmp_path / name / "one"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    lessons = tmp_path / "lessons"
    (lessons / "secret").symlink_to("/etc/passwd")
    first = autograder_zip(tmp_path, lessons, RUBRIC)
    os.utime(lessons / "one", (0, 0))
    assert autograder_zip(tmp_path, lessons, RUBRIC) == first
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert [name for name in names if "/lessons/" in name] == ["product/lessons/one"]
    assert autograder_zip(tmp_path, lessons, b"title: other\n") != first


def test_without_the_source_tree_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="app is missing"):
        autograder_zip(tmp_path, ROOT / "lessons", RUBRIC)


def test_the_scripts_name_no_host(packed: zipfile.ZipFile) -> None:
    scripts = packed.read("setup.sh") + packed.read("run_autograder")
    assert b"http" not in scripts
    assert b"://" not in scripts
