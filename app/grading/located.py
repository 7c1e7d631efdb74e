"""YAML with the line of every place in it, so that a mistake can be shown where it stands."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from app.errors import LessonMistake, NotFound


class Located:
    """A YAML file as plain data (`tree`), and the lines that its parts stand in."""

    def __init__(self, file: Path) -> None:
        """Raises: NotFound where there is no such file; LessonMistake where it is no YAML."""
        self.file = file
        try:
            reader = yaml.CSafeLoader(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise NotFound(f"{file} cannot be read: {error}.") from error
        try:
            self._node = reader.get_single_node()
            self._look_through(self._node)
            self.tree: object = reader.construct_document(self._node) if self._node else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise LessonMistake(str(file), line, str(error.problem)) from error
        except (yaml.YAMLError, ValueError) as error:
            raise LessonMistake(str(file), 1, str(error).splitlines()[0]) from error

    def mistake(self, place: Sequence[object], message: str) -> LessonMistake:
        """Return the error that names a place, or the nearest one around it that is in the file."""
        return LessonMistake(str(self.file), self.line(place), message)

    def line(self, place: Sequence[object]) -> int:
        """Return the line of a place, such as ("late", "deadline"). It counts from 1."""
        node, line = self._node, 1
        for key in place:
            found = _inside(node, key)
            if found is None:
                break
            line, node = found
        return line

    def _look_through(self, node: yaml.Node | None) -> None:
        """Refuse a key that stands twice: the first would be lost without a word."""
        parts = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, part in node.value:
                if str(key.value) in seen:
                    raise LessonMistake(
                        str(self.file), key.start_mark.line + 1, f"{key.value} twice"
                    )
                seen.add(str(key.value))
                parts.append(part)
        for part in parts:
            self._look_through(part)


def _inside(node: yaml.Node | None, key: object) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, part in node.value:
            if str(name.value) == str(key):
                return name.start_mark.line + 1, part
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None
