"""What is wrong with the types of an applied configuration, in the words of the real server."""

import json
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.fields.comparing import step_of
from app.sandbox.registry.fields.sets import paths, valued
from app.sandbox.registry.golang import go_written
from app.sandbox.schemas.topology import Topology

GO_TYPES = {str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}"}
UNCHECKED = ("apiVersion", "kind")


def faults(topology: Topology, node: Obj, value: Json, path: str = "") -> Iterator[str]:
    """Yield what does not fit a node's schema: a field, a type, two items of one key."""
    wanted = topology.type_word(node)
    if value is None:
        return
    wrong = _wrong_type(wanted, value)
    if wrong:
        yield f"{path}: {wrong}"
    elif isinstance(value, dict):
        for name in sorted(value):
            child = topology.child(node, name)
            here = f"{path}.{name}"
            if child is None:
                yield f"{here}: field not declared in schema"
            elif not (path == "" and name in UNCHECKED):
                yield from faults(topology, child, value[name], here)
    elif isinstance(value, list):
        yield from _list(topology, node, value, path)


def _list(topology: Topology, node: Obj, value: list[Json], path: str) -> Iterator[str]:
    form = topology.form(node, value)
    seen: set[str] = set()
    for place, item in enumerate(value):
        here = f"{path}[{place}]"
        if form != "leaf":
            step = step_of(topology, node, item) if form == "keyed" else valued(item)
            if not step:
                why = (
                    "associative list with keys has an element that omits all key fields "
                    "(and doesn't have default values for any key fields)"
                    if isinstance(item, dict)
                    else "associative list with keys may not have non-map elements"
                )
                yield f"{path}: element {place}: {why}"
                continue
            named = next(paths({step: {}}))
            if step in seen:
                yield f"{path}: duplicate entries for key {named}"
                continue
            seen.add(step)
            here = f"{path}{named}"
        yield from faults(topology, topology.item(node), item, here)


def _wrong_type(wanted: str, value: Json) -> str:
    """Return what is said of a value that is not of the wanted type, "" where it is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match wanted:
        case "integer" | "number" if not is_number:
            return f"expected numeric (int or float), got {_go_type(value)}"
        case "string" if not isinstance(value, str):
            return f"expected string, got &value.valueUnstructured{{Value:{_literal(value)}}}"
        case "boolean" if not isinstance(value, bool):
            return f"expected boolean, got &{{{go_written(value)}}}"
        case "array" if not isinstance(value, list):
            return f"expected list, got &{{{go_written(value)}}}"
        case "object" if not isinstance(value, dict):
            return f"expected map, got &{{{go_written(value)}}}"
    return ""


def _go_type(value: Json) -> str:
    return GO_TYPES.get(type(value), "map[string]interface {}")


def _literal(value: Json) -> str:
    """Return a value as Go's source would write it."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{_literal(part)}" for key, part in value.items())
        return f"{_go_type(value)}{{{inner}}}"
    if isinstance(value, list):
        return f"{_go_type(value)}{{{', '.join(_literal(part) for part in value)}}}"
    return json.dumps(value, ensure_ascii=False)
