"""The paths of a CRD's additional printer columns: the simple part of kubectl's JSONPath."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from app.sandbox.objects import Json, at

_TOKEN = re.compile(
    r"""\.?(?P<name>(?:\\.|[^.\[\]\\])+)
      | \[(?P<place>-?\d+)\]
      | (?P<all>\.?\[?\*\]?)
      | \[['"](?P<quoted>[^'"]*)['"]\]
      | \[\?\(\s*@\.(?P<key>[\w.\-/]+)\s*(?P<sign>==|!=)\s*
        (?P<value>"[^"]*"|'[^']*'|[\w.\-]+)\s*\)\]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Part:
    """One step of a path: a field, a place in a list, all of them, or those that match."""

    name: str = ""
    place: int | None = None
    is_all: bool = False
    key: str = ""
    wants: str = ""
    is_equal: bool = True


@lru_cache(maxsize=512)
def parse(path: str) -> tuple[Part, ...]:
    """Return the steps of a path (`.spec.hosts`). Raises: ValueError."""
    parts: list[Part] = []
    rest = 0
    while rest < len(path):
        found = _TOKEN.match(path, rest)
        if found is None:
            raise ValueError(f"unrecognized column definition {path!r}")
        parts.append(_part(found))
        rest = found.end()
    return tuple(parts)


def _part(found: re.Match[str]) -> Part:
    if found["all"]:
        return Part(is_all=True)
    if found["place"]:
        return Part(place=int(found["place"]))
    if found["key"]:
        return Part(
            key=found["key"], wants=found["value"].strip("\"'"), is_equal=found["sign"] == "=="
        )
    return Part(name=found["quoted"] or re.sub(r"\\(.)", r"\1", found["name"] or ""))


def first(obj: Json, path: str) -> Json:
    """Return the first value at a path, None where there is none or the path is not understood."""
    try:
        parts = parse(path)
    except ValueError:
        return None
    found = [obj]
    for part in parts:
        found = [inner for value in found for inner in _step(value, part)]
    return found[0] if found else None


def _step(value: Json, part: Part) -> list[Json]:
    if isinstance(value, dict):
        if part.is_all:
            return list(value.values())
        return [value[part.name]] if part.name in value else []
    if not isinstance(value, list):
        return []
    if part.is_all:
        return value
    if part.place is not None:
        return value[part.place : part.place + 1 or None]
    if part.key:
        return [one for one in value if (_said(at(one, part.key)) == part.wants) is part.is_equal]
    return []


def _said(value: Json) -> str:
    return printed(value) if value is not None else ""


def printed(value: Json) -> str:
    """Return a value as a column of type string shows it: lists and objects as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
