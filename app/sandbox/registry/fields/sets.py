"""Sets of fields, as trees in the very shape of FieldsV1.

A tree's keys are steps (`f:NAME`, `k:{"name":"web"}`, `v:"x"`); "." says that the place itself is
in the set, and so does a tree without any key. The empty set is None.
"""

import json
from collections.abc import Iterator
from typing import TypeAlias

from app.sandbox.objects import Json, Obj

Tree: TypeAlias = Obj
Set: TypeAlias = Tree | None
SELF = "."


def has_itself(tree: Set) -> bool:
    """Whether the place itself is in the set."""
    return tree is not None and (not tree or SELF in tree)


def within(tree: Set) -> dict[str, Tree]:
    """Return what is in the set beneath the place, by steps."""
    found = tree or {}
    return {step: sub for step, sub in found.items() if step != SELF and isinstance(sub, dict)}


def made(*, itself: bool, inner: dict[str, Tree]) -> Set:
    """Return the set of a place and of what is beneath it."""
    if not inner:
        return {} if itself else None
    own: Tree = {SELF: {}} if itself else {}
    return {**own, **inner}


def union(one: Set, other: Set) -> Set:
    """Return what is in either set."""
    if one is None or other is None or one is other:
        return other if one is None else one
    inner = within(one)
    for step, sub in within(other).items():
        inner[step] = _whole(union(inner[step], sub)) if step in inner else sub
    return made(itself=has_itself(one) or has_itself(other), inner=inner)


def difference(one: Set, other: Set) -> Set:
    """Return what is in the one set and not in the other."""
    if one is None or other is None:
        return one
    gone, inner = within(other), {}
    for step, sub in within(one).items():
        left = difference(sub, gone[step]) if step in gone else sub
        if left is not None:
            inner[step] = left
    return made(itself=has_itself(one) and not has_itself(other), inner=inner)


def intersection(one: Set, other: Set) -> Set:
    """Return what is in both sets."""
    if one is None or other is None:
        return None
    theirs, inner = within(other), {}
    for step, sub in within(one).items():
        both = intersection(sub, theirs[step]) if step in theirs else None
        if both is not None:
            inner[step] = both
    return made(itself=has_itself(one) and has_itself(other), inner=inner)


def paths(tree: Set, start: str = "") -> Iterator[str]:
    """Yield the places of a set as errors write them: `.spec.containers[name="web"].image`."""
    if tree is None:
        return
    if has_itself(tree) and start:
        yield start
    for step, sub in sorted(within(tree).items()):
        yield from paths(sub, start + _written(step))


def field(name: str) -> str:
    """Return the step to a field or to a map's value."""
    return f"f:{name}"


def keyed(key: Obj) -> str:
    """Return the step to a list's item with that key."""
    return f"k:{_json(key)}"


def valued(value: Json) -> str:
    """Return the step to a value of a set."""
    return f"v:{_json(value)}"


def _whole(tree: Set) -> Tree:
    return {} if tree is None else tree


def _written(step: str) -> str:
    kind, _, rest = step.partition(":")
    if kind == "f":
        return f".{rest}"
    value: Json = json.loads(rest)
    if kind == "k" and isinstance(value, dict):
        return f"[{','.join(f'{name}={_json(part)}' for name, part in value.items())}]"
    return f"[={_json(value)}]"


def _json(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
