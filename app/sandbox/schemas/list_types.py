"""Whether the lists of a custom resource that are sets or maps hold each item once.

Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype.
"""

import json
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, table, text, words
from app.sandbox.status import Cause

NO_OBJECT = "must be an object for an array of list-type map"


def list_causes(value: Json, schema: Obj, path: str = "") -> Iterator[Cause]:
    """Yield which items of the lists in a value are there twice."""
    if isinstance(value, dict):
        known, others = table(schema, "properties"), table(schema, "additionalProperties")
        for name in sorted(value):
            node = known.get(name)
            if isinstance(node, dict):
                yield from list_causes(value[name], node, f"{path}.{name}" if path else name)
            elif others:
                yield from list_causes(value[name], others, f"{path}[{name}]")
    elif isinstance(value, list):
        yield from _list(value, schema, path)
        for place, item in enumerate(value):
            yield from list_causes(item, table(schema, "items"), f"{path}[{place}]")


def _list(value: list[Json], schema: Obj, path: str) -> Iterator[Cause]:
    kind, names = (
        text(schema, "x-kubernetes-list-type"),
        words(schema, "x-kubernetes-list-map-keys"),
    )
    keys: list[Json] = value
    if kind == "map":
        for place, item in enumerate(value):
            if item is not None and not isinstance(item, dict):
                said = f"Invalid value: {_written(item)}: {NO_OBJECT}"
                yield Cause(f"{path}[{place}]", said)
                return
        keys = [_key(item, names) for item in value]
    elif kind != "set":
        return
    counts: dict[str, int] = {}
    for place, key in enumerate(keys):
        word = _written(key)
        counts[word] = counts.get(word, 0) + 1
        if counts[word] == 2:
            yield Cause(f"{path}[{place}]", f"Duplicate value: {word}", "FieldValueDuplicate")


def _key(item: Json, names: list[str]) -> Json:
    return {name: item[name] for name in names if name in item} if isinstance(item, dict) else {}


def _written(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
