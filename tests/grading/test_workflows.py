"""The workflows in docs/ are YAML of their systems, and call this program as it can be called."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from app.cli.program import program
from app.grading.forms import FORMS
from app.settings import ROOT

FOLDER = ROOT / "docs" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PROGRAM = ".mesh-dojo/.venv/bin/mesh-dojo"


def read(name: str) -> dict[str, object]:
    # BaseLoader: YAML 1.1 takes GitHub's key `on` for a truth value, GitHub does not
    document = yaml.load((FOLDER / name).read_text("utf-8"), yaml.BaseLoader)
    assert isinstance(document, dict)
    return document


def lines(node: object) -> Iterator[str]:
    """Return every shell line: what `run` and `script` hold."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run":
                yield from str(value).splitlines()
            elif key == "script":
                yield from value
            else:
                yield from lines(value)
    elif isinstance(node, list):
        for each in node:
            yield from lines(each)


def parsed(words: list[str]) -> dict[str, object]:
    """Return what the program understands of a command line. Raises: click's UsageError."""
    command = typer.main.get_command(program)
    context = command.make_context("mesh-dojo", words)
    while isinstance(command, typer.core.TyperGroup):
        name, found, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)
    return context.params


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_call_of_the_program_is_one_that_it_takes(file: Path) -> None:
    calls = [shlex.split(line) for line in lines(read(file.name)) if "mesh-dojo grade" in line]
    assert calls
    for program_name, *words in calls:
        assert program_name == PROGRAM
        asked = parsed(words)
        assert asked["submissions"] == Path("submissions")
        assert set(asked["formats"]) <= set(FORMS)  # type: ignore[call-overload]


def test_the_set_up_that_is_called_is_there() -> None:
    called = {line for file in FILES for line in lines(read(file.name)) if "setup.py" in line}
    assert called == {"python .mesh-dojo/tools/setup.py"}
    assert (ROOT / "tools" / "setup.py").is_file()


def test_gitlab_reads_the_junit_files_that_are_written() -> None:
    job = read("gitlab.yml")["grade"]
    assert isinstance(job, dict)
    assert job["artifacts"]["reports"]["junit"] == f"reports/*{FORMS['junit'][0]}"


def test_github_gives_the_job_no_more_rights_than_to_read() -> None:
    workflow = read("github.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert {"name", "on", "jobs"} <= set(workflow)
