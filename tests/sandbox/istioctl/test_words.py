"""What istioctl says of a line that it refuses, and of one that needs no running mesh.

real/words.json holds lines and what the real istioctl 1.31 printed for each, asked of a small API
server with the objects of real/analyze/base.yaml; real/commands.json the flags and the subcommands
that its help names.
"""

import json
from collections.abc import Iterator

import pytest
from sandbox.istioctl.bench import REAL, call, documents, lab_of

from app.sandbox.istioctl.lab import VERSION
from app.sandbox.istioctl.line.command import find
from app.sandbox.istioctl.tree import ROOT
from app.sandbox.istiod.install import Profiles

WORDS = json.loads((REAL / "words.json").read_text())
COMMANDS = json.loads((REAL / "commands.json").read_text())
SHOWN = {"verbosity": "Level"}


def runs() -> Iterator[object]:
    for run in WORDS["runs"]:
        yield pytest.param(run, id=" ".join(run["argv"]) or "nothing")


def told(text: str) -> str:
    """Return what is compared: of a usage its last line, and the version that is emulated."""
    text = text.replace("1.31.0-bed", VERSION)
    return text.splitlines()[-1] if text.lstrip().startswith("Usage:") else text


@pytest.mark.parametrize("run", list(runs()))
async def test_istioctl_says_what_the_real_one_says(run: dict) -> None:
    objects = documents((REAL / "analyze" / "base.yaml").read_text())
    files = {name: text.encode() for name, text in WORDS["files"].items()}
    answers = ["n"] if "n" in run.get("answers", []) else []
    lab = lab_of(objects, profiles=Profiles([]))
    said = await call(lab, *run["argv"], files=files, answers=answers)
    assert (said.stdout, told(said.stderr)) == (told(run["stdout"]), told(run["stderr"]))
    assert said.code == run["code"]


@pytest.mark.parametrize("line", list(COMMANDS))
def test_a_command_has_the_flags_and_the_names_of_the_real_one(line: str) -> None:
    found, real = find(ROOT, [*line.split(), "--help"]), COMMANDS[line]
    own = {
        name: [flag.short, SHOWN.get(flag.type, flag.type)]
        for name, flag in found.flags.flags.items()
    }
    assert {name: own.get(name) for name, *_ in real["flags"]} == {
        name: [short, kind] for name, short, kind, _ in real["flags"]
    }
    assert set(real["commands"]) == {command.name for command in found.command.commands}
    assert tuple(real["aliases"][1:]) == found.command.aliases


@pytest.mark.parametrize("line", [["analyze", "--help"], ["help", "analyze"], ["analyze", "-h"]])
async def test_help_names_the_usage_and_the_flags(line: list[str]) -> None:
    said = await call(lab_of([]), *line)
    assert "Usage:\n  istioctl analyze <file>... [flags]\n" in said.stdout
    assert "  -A, --all-namespaces " in said.stdout
    assert "Global Flags:\n      --as string " in said.stdout


@pytest.mark.parametrize(
    "line",
    ["bug-report --full", "x injector list", "waypoint apply", "upgrade"],
)
async def test_what_is_not_emulated_is_refused_by_name(line: str) -> None:
    said = await call(lab_of([]), *line.split())
    assert said.code == 1
    assert "is not emulated in this sandbox" in said.stderr


async def test_a_flag_that_means_nothing_here_is_refused_by_name() -> None:
    said = await call(lab_of([]), "ps", "--xds-address", "localhost:15012")
    assert (said.code, said.stdout) == (1, "")
    assert said.stderr.startswith("Error: The flag --xds-address is not emulated")


async def test_help_on_what_is_no_command_says_so_and_ends_well() -> None:
    said = await call(lab_of([]), "help", "nothing")
    assert (said.code, said.stdout) == (0, "")
    assert said.stderr.startswith("Unknown help topic [`nothing`]\nUsage:\n  istioctl [command]\n")


async def test_help_before_the_command_is_the_help_of_all() -> None:
    said = await call(lab_of([]), "--help", "nothing")
    assert (said.code, said.stderr) == (0, "")
    assert "istioctl [command]" in said.stdout
