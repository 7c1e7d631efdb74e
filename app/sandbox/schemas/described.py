"""Istio's fields in our own words, for `kubectl explain`."""

import json
from functools import cache
from pathlib import Path

from app.sandbox.objects import Obj, strings

WORDS = Path(__file__).parent / "istio" / "words.json"


@cache
def _words() -> Obj:
    found: Obj = json.loads(WORDS.read_bytes())
    return found


def described(resource: str, schema: Obj) -> Obj:
    """Return a kind's schema with the descriptions that we have; others' own are kept."""
    found = _words().get(resource)
    if not isinstance(found, dict):
        return schema
    return _described(schema, strings({"at": found}, "at"), "")


def _described(node: Obj, said: dict[str, str], path: str) -> Obj:
    shown: Obj = {**node, "description": said[path]} if path in said else {**node}
    properties = node.get("properties")
    if isinstance(properties, dict):
        shown["properties"] = {
            name: _described(part, said, f"{path}.{name}" if path else name)
            for name, part in properties.items()
            if isinstance(part, dict)
        }
    for inner in ("items", "additionalProperties"):
        part = node.get(inner)
        if isinstance(part, dict):
            shown[inner] = _described(part, {key: said[key] for key in said if key != path}, path)
    return shown
