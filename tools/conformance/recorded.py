"""Normalised answers as files: those of the real cluster in tests/, those of a run beside them.

Shape of FOLDER/AREA/GROUP.json: {case: {"code", "out", "err"}}; FOLDER/source.json says what was
asked, with what and when.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.conformance.cases import Group
from tools.conformance.cluster import Answer
from tools.conformance.normalise import normalised

ROOT = Path(__file__).parents[2]
REAL = ROOT / "tests" / "sandbox" / "conformance" / "recorded"
Kept = dict[str, dict[str, Any]]


def keep(folder: Path, group: Group, answers: Mapping[str, Answer]) -> None:
    """Write one group's answers, normalised; as they were said they stay in the cache."""
    raw = _raw(folder, group)
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_text(json.dumps({name: asdict(each) for name, each in answers.items()}), "utf-8")
    _write(folder, group, answers)


def again(folder: Path, group: Group) -> bool:
    """Normalise anew what was said; False where the cache does not have it."""
    raw = _raw(folder, group)
    if not raw.is_file():
        return False
    said = {name: Answer(**each) for name, each in json.loads(raw.read_text("utf-8")).items()}
    _write(folder, group, said)
    return True


def _raw(folder: Path, group: Group) -> Path:
    name = "real" if folder == REAL else folder.name
    return ROOT / ".cache" / "said" / name / group.area / f"{group.name}.json"


def _write(folder: Path, group: Group, answers: Mapping[str, Answer]) -> None:
    shapes = {
        case.name: normalised(answers[case.name], case)
        for case in group.compared
        if case.name in answers
    }
    path = folder / group.area / f"{group.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(shapes, indent=1, ensure_ascii=False) + "\n", "utf-8")


def kept(folder: Path, group: Group) -> Kept:
    """Return one group's answers by the case's name; none where there is no file."""
    path = folder / group.area / f"{group.name}.json"
    if not path.is_file():
        return {}
    read: Kept = json.loads(path.read_text("utf-8"))
    return read


def describe(folder: Path, about: Mapping[str, str], groups: Sequence[Group]) -> None:
    """Write what was asked and when, for the groups of this pass."""
    path = folder / "source.json"
    told = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    told |= dict(about)
    told["groups"] = told.get("groups", {}) | {group.name: about["at"] for group in groups}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def source(folder: Path) -> dict[str, Any]:
    """Return what `describe` wrote."""
    path = folder / "source.json"
    read: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return read
