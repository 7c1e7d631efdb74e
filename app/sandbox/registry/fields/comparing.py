"""Which fields an object has, and which differ between two states of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.fields.sets import Set, Tree, field, keyed, made, valued, within
from app.sandbox.schemas.topology import UNTYPED, Form, Topology


class Absent:
    """What stands for a field that is not there, which a null is not."""


ABSENT: Final = Absent()
Maybe: TypeAlias = "Json | Absent"


@dataclass(frozen=True)
class Difference:
    """What a change added or gave another value, and what it removed."""

    changed: Set = None
    removed: Set = None


SAME: Final = Difference()


def parts(topology: Topology, node: Obj, value: Json) -> Iterator[tuple[str, Obj, Json]]:
    """Yield the step, the node and the value of each part of a map or of a list with keys.

    What the schema does not know and what has no key is left out.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            child = topology.child(node, name)
            if child is not None:
                yield field(name), child, inner
    elif isinstance(value, list):
        is_keyed = topology.form(node, value) == "keyed"
        for item in value:
            step = step_of(topology, node, item) if is_keyed else valued(item)
            if step:
                yield step, topology.item(node), item


def step_of(topology: Topology, node: Obj, item: Json) -> str:
    """Return the step to an item of a keyed list, "" where it has no key."""
    key = topology.key_of(node, item)
    return keyed(key) if key is not None else ""


def fields_of(topology: Topology, node: Obj, value: Json) -> Set:
    """Return the set of all fields that a value has."""
    if topology.form(node, value) == "leaf":
        return {}
    inner: dict[str, Tree] = {}
    for step, child, part in parts(topology, node, value):
        found = fields_of(topology, child, part)
        if isinstance(value, dict):
            is_own = part in (None, {}) or not topology.is_field(node, step.removeprefix("f:"))
        else:
            is_own = True
        if is_own:
            found = made(itself=True, inner=within(found))
        if found is not None:
            inner[step] = found
    return made(itself=False, inner=inner)


def compared(topology: Topology, node: Obj, before: Maybe, after: Maybe) -> Difference:
    """Return what differs between two values of a node, of which one may be absent."""
    if before == after:
        return SAME
    if not isinstance(before, dict | list) and not isinstance(after, dict | list | None):
        return _leaf(after)
    form = _form(topology, node, before, after)
    old, new = _inner(topology, node, before, form), _inner(topology, node, after, form)
    if form == "leaf" or not (old or new):
        return _leaf(after)
    changed: dict[str, Tree] = {}
    removed: dict[str, Tree] = {}
    for step in {**old, **new}:
        child, was = old.get(step, (UNTYPED, ABSENT))
        child, now = new.get(step, (child, ABSENT))
        found = compared(topology, child, was, now)
        if found.changed is not None:
            changed[step] = found.changed
        if found.removed is not None:
            removed[step] = found.removed
    return Difference(
        made(itself=isinstance(before, Absent), inner=changed),
        made(itself=isinstance(after, Absent), inner=removed),
    )


def _leaf(after: Maybe) -> Difference:
    return Difference(removed={}) if isinstance(after, Absent) else Difference(changed={})


def _form(topology: Topology, node: Obj, before: Maybe, after: Maybe) -> Form:
    """Return the form of both values; where they are of different forms, they are leaves."""
    forms = {
        topology.form(node, value)
        for value in (before, after)
        if value is not None and not isinstance(value, Absent)
    }
    if not forms:
        return topology.empty_form(node)
    return forms.pop() if len(forms) == 1 else "leaf"


def _inner(topology: Topology, node: Obj, value: Maybe, form: Form) -> dict[str, tuple[Obj, Maybe]]:
    if form == "leaf" or isinstance(value, Absent):
        return {}
    return {step: (child, part) for step, child, part in parts(topology, node, value)}
