"""The shape of the code base, kept by tests."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path
    for pattern in ("app/**/*.py", "tools/*.py", "tests/**/*.py")
    for path in ROOT.glob(pattern)
    if path.parent.name != "versions"  # migrations: generated, then frozen
)
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
NO_NAMES = {"utils", "helpers", "common", "base", "misc", "manager"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_a_file_says_what_it_is_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree) or not text.strip(), "begin with a sentence on what it holds"
    assert len(text.splitlines()) <= MAX_FILE_LINES
    assert path.stem not in NO_NAMES
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", [f for f in FILES if f.is_relative_to(ROOT / "app")], ids=relative)
def test_whatever_is_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_the_repository_names_no_registry_and_no_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    hosts = ("--index" + "-url", "npm_config" + "_registry", "GO" + "PROXY=")
    forbidden = re.compile("|".join(re.escape(text) for text in (*hosts, str(ROOT))))
    named = [
        name
        for name in filter(None, listed.stdout.split("\0"))
        if (file := ROOT / name).is_file()
        and not name.startswith("static/vendor/")
        and forbidden.search(file.read_text(encoding="utf-8", errors="ignore"))
        and file != Path(__file__)
    ]
    assert named == []
