"""Which fields a message has: the facts of fields.txt."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACTS = Path(__file__).parent / "fields.txt"
_FIELD = re.compile(r"(\d+)=(\w*):([\[{]?)([\w.]+)[\]}]?(\*?)")


@dataclass(frozen=True)
class Field:
    """One field. `shape` is "", "[" (a list) or "{" (a map); no name: it is part of what it is in.

    `is_pointer`: an empty value of it means something.
    """

    name: str
    type: str
    shape: str = ""
    is_pointer: bool = False


@cache
def _lines() -> dict[str, str]:
    written = FACTS.read_text(encoding="utf-8")
    return {name: rest for name, _, rest in (line.partition(" ") for line in written.splitlines())}


@cache
def message(name: str) -> dict[int, Field] | None:
    """Return a message's fields by number (`core.Container`), None where it is not known."""
    line = _lines().get(name)
    if line is None:
        return None
    return {
        int(number): Field(field, type_, shape, bool(pointer))
        for number, field, shape, type_, pointer in _FIELD.findall(line)
    }


def message_of(api_version: str, kind: str) -> str:
    """Return the name of a kind's message, "" where we have none."""
    if kind == "DeleteOptions":
        return "meta.DeleteOptions"
    group, _, version = api_version.rpartition("/")
    package = group.partition(".")[0] or "core"
    name = f"{package}{'' if version == 'v1' else version}.{kind}"
    return name if name in _lines() else ""
