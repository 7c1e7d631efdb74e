"""checks.yaml and wrong.yaml: read with the line of every entry, so that a mistake can be shown."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class _Reader(yaml.CSafeLoader):
    """Reads as safe_load does, but takes no key twice: the first would be lost without a word."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """Return the mapping. Raises: yaml.MarkedYAMLError."""
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _rows(path: Path) -> dict[str, list[tuple[Mapping[str, object], Located]]]:
    if not path.is_file():
        return {}
    reader = _Reader(path.read_text(encoding="utf-8"))
    try:
        node = reader.get_single_node()
        tree = reader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise LessonMistake(str(path), mark.line + 1 if mark else 1, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise LessonMistake(str(path), 1, str(error).splitlines()[0]) from error
    if tree is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise LessonMistake(str(path), 1, "the file maps step ids to lists")
    nodes = [rows for _step, rows in node.value]
    return {
        str(step): _entries(path, str(step), rows, found)
        for rows, (step, found) in zip(nodes, tree.items(), strict=True)
    }


def _entries(
    path: Path, step: str, node: yaml.Node, found: object
) -> list[tuple[Mapping[str, object], Located]]:
    if not isinstance(node, yaml.SequenceNode) or not isinstance(found, list):
        raise LessonMistake(str(path), node.start_mark.line + 1, f"{step} holds a list of entries")
    return [
        (
            row if isinstance(row, dict) else {"entry": row},
            Located(str(path), item.start_mark.line + 1),
        )
        for item, row in zip(node.value, found, strict=True)
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
