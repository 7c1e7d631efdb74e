"""An object's pod spec as Go writes the server's own struct: every field, in Go's order."""

import difflib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.sandbox.objects import Json, Obj, table

FACTS = Path(__file__).parent / "structs.txt"
_FIELD = re.compile(r"(\w*)=(\^?)(\w*):([\[{]?)(\w+)[\]}]?(\*?)")
_EMPTY: dict[str, Json] = {"s": "", "i": 0, "b": False}


@dataclass(frozen=True)
class Field:
    """One field: its name in Go and in JSON. No name in Go: it is embedded."""

    go_name: str
    is_outside: bool  # stands in the struct around, as hostNetwork in the pod's spec
    name: str
    shape: str
    type: str
    is_pointer: bool


@cache
def _structs() -> dict[str, tuple[Field, ...]]:
    found: dict[str, tuple[Field, ...]] = {}
    for line in FACTS.read_text(encoding="utf-8").splitlines():
        struct, _, rest = line.partition(" ")
        found[struct] = tuple(
            Field(go, bool(outside), name, shape, type_, bool(pointer))
            for go, outside, name, shape, type_, pointer in _FIELD.findall(rest)
        )
    return found


def spec_written(spec: Obj) -> Obj:
    """Return a pod's spec as the server's own struct."""
    return _struct("PodSpec", spec, {})


def template_written(template: Obj) -> Obj:
    """Return a pod template: its metadata as it is, its spec as the server's own struct."""
    return {**_sorted(table(template, "metadata")), "Spec": spec_written(table(template, "spec"))}


def _sorted(metadata: Obj) -> Obj:
    """Return metadata without nulls, and its maps by their keys, as Go writes them."""
    told: Obj = {}
    for key, part in metadata.items():
        if part is None:
            continue
        told[key] = {name: part[name] for name in sorted(part)} if isinstance(part, dict) else part
    return told


def specs_differ(before: Obj, after: Obj) -> str:
    """Return how two pod specs differ, as the server tells it: hunks of JSON lines."""
    old, new = (_lines(spec_written(spec)) for spec in (before, after))
    told = list(difflib.unified_diff(old, new, n=3, lineterm=""))[2:]
    return "".join(f"{line}\n" for line in told)


def _lines(value: Obj) -> list[str]:
    written = json.dumps(value, indent=1, ensure_ascii=False)
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written.splitlines()


def _struct(name: str, value: Obj, around: Obj) -> Obj:
    made: Obj = {}
    for field in _structs()[name]:
        if field.go_name:
            found = (around if field.is_outside else value).get(field.name)
            made[field.go_name] = _shaped(field, found, value)
        else:
            made.update(_struct(field.type, value, around))
    return made


def _shaped(field: Field, value: Json, around: Obj) -> Json:
    if field.shape == "[":
        listed = value if isinstance(value, list) else []
        return [_value(field.type, item, around) for item in listed] or None
    if field.shape == "{":
        pairs = value if isinstance(value, dict) else {}
        kept = {key: _value(field.type, pairs[key], around) for key in sorted(pairs)}
        return {**kept} or None
    if value is None and field.is_pointer:
        return None
    return _value(field.type, value, around)


def _value(type_: str, value: Json, around: Obj) -> Json:
    if type_ in _EMPTY:
        return _EMPTY[type_] if value is None else value
    if type_ == "j":
        return value
    return _struct(type_, value if isinstance(value, dict) else {}, around)
