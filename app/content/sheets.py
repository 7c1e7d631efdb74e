"""checks.yaml and wrong.yaml: read with the line of every entry, so that a mistake can be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from app.errors import LessonMistake


class CheckEntry(BaseModel):
    """A check as checks.yaml writes it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: str
    title: str
    needs: list[str] = Field(default_factory=list)
    points: int = 1
    with_: dict[str, object] = Field(default_factory=dict, alias="with")


class Replacement(BaseModel):
    """A wrong manifest as changes of the right one: {right text: wrong text}."""

    model_config = ConfigDict(extra="forbid")

    replace: dict[str, str]


class WrongEntry(BaseModel):
    """A documented wrong answer as wrong.yaml writes it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    title: str
    check: str
    reason: str
    says: str = ""
    prepare: list[str] = Field(default_factory=list)
    manifests: dict[str, str | Replacement] = Field(default_factory=dict)
    lines: list[str] | None = None
    answers: dict[str, int] = Field(default_factory=dict)
    undo: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Located:
    """Where an entry stands in its file. `line` counts from 1."""

    file: str
    line: int

    def mistake(self, message: str) -> LessonMistake:
        """Return the error that names this place."""
        return LessonMistake(self.file, self.line, message)


def read_checks(path: Path) -> dict[str, list[tuple[CheckEntry, Located]]]:
    """Return the checks of a lesson. Shape: {step id: [(entry, place)]}. Raises: LessonMistake."""
    return {
        step: [(_as_check(raw, at), at) for raw, at in rows] for step, rows in _rows(path).items()
    }


def read_wrong(path: Path) -> dict[str, list[tuple[WrongEntry, Located]]]:
    """Return the wrong answers of a lesson. Shape: {step id: [(entry, place)]}."""
    return {
        step: [(_as_wrong(raw, at), at) for raw, at in rows] for step, rows in _rows(path).items()
    }


def _rows(path: Path) -> dict[str, list[tuple[Mapping[str, object], Located]]]:
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise LessonMistake(str(path), mark.line + 1 if mark else 1, str(error.problem)) from error
    except YAMLError as error:
        raise LessonMistake(str(path), 1, str(error).splitlines()[0]) from error
    if tree is None:
        return {}
    if not isinstance(tree, CommentedMap):
        raise LessonMistake(str(path), 1, "the file maps step ids to lists")
    return {str(step): _entries(path, tree, step) for step in tree}


def _entries(
    path: Path, tree: CommentedMap, step: str
) -> list[tuple[Mapping[str, object], Located]]:
    rows = tree[step]
    line = tree.lc.value(step)[0] + 1
    if not isinstance(rows, CommentedSeq):
        raise LessonMistake(str(path), line, f"{step} holds a list of entries")
    return [
        (_plain_map(row), Located(str(path), rows.lc.item(number)[0] + 1))
        for number, row in enumerate(rows)
    ]


def _as_check(raw: Mapping[str, object], at: Located) -> CheckEntry:
    try:
        return CheckEntry.model_validate(raw)
    except ValidationError as error:
        raise at.mistake(first_problem(error)) from error


def _as_wrong(raw: Mapping[str, object], at: Located) -> WrongEntry:
    try:
        return WrongEntry.model_validate(raw)
    except ValidationError as error:
        raise at.mistake(first_problem(error)) from error


def first_problem(error: ValidationError) -> str:
    """Return the first problem that pydantic found, with the place inside the entry."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}"


def _plain_map(row: object) -> Mapping[str, object]:
    plain = _plain(row)
    return plain if isinstance(plain, dict) else {"entry": plain}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
