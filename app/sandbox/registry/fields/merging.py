"""What applying makes of an object: the applied part over the live one, and what it gave up."""

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.defaults.filling import clone
from app.sandbox.registry.fields.comparing import step_of
from app.sandbox.registry.fields.sets import Set, field, valued, within
from app.sandbox.schemas.topology import UNTYPED, Topology


def merged(topology: Topology, node: Obj, live: Json, applied: Json) -> Json:
    """Return the live value with the applied one over it, sharing nothing with that one."""
    match topology.form(node, applied):
        case "map" if isinstance(applied, dict):
            after = dict(live) if isinstance(live, dict) else {}
            for name, value in applied.items():
                child = topology.child(node, name)
                inner = UNTYPED if child is None else child
                after[name] = merged(topology, inner, after.get(name), value)
            return after
        case "set" | "keyed" if isinstance(applied, list):
            return _list(topology, node, live if isinstance(live, list) else [], applied)
    return clone(applied)


def _list(topology: Topology, node: Obj, live: list[Json], applied: list[Json]) -> list[Json]:
    """Return both lists' items: in the applied order, the live ones near where they stood."""
    here = {_step(topology, node, one): one for one in live}
    there = {_step(topology, node, one): one for one in applied}
    left, right = list(here), list(there)
    shared = [step for step in right if step in here]
    done: list[Json] = []
    taken: set[str] = set()
    item = topology.item(node)

    def take(step: str) -> None:
        taken.add(step)
        if shared and shared[0] == step:
            shared.pop(0)
        done.append(merged(topology, item, here.get(step), there[step]))

    while left or right:
        if left and right:
            if left[0] == right[0]:
                take(right.pop(0))
                left.pop(0)
                continue
            if left[0] in there and shared and shared[0] != left[0]:
                left.pop(0)  # its turn comes where the applied list has it
                continue
        if left and (left[0] not in there or left[0] in taken):
            step = left.pop(0)
            if step not in there:
                done.append(here[step])
        elif right:
            take(right.pop(0))
        else:
            left.pop(0)
    return done


def _step(topology: Topology, node: Obj, item: Json) -> str:
    return step_of(topology, node, item) or valued(item)


def pruned(topology: Topology, node: Obj, value: Json, last: Set, owned: Set) -> Json:
    """Return the value without what is in the set `last` and is owned by nobody any more."""
    gave, kept = within(last), within(owned)
    if isinstance(value, dict):
        after: Obj = {}
        for name, inner in value.items():
            step = field(name)
            if step not in gave:
                after[name] = inner
            elif step in kept:
                child = topology.child(node, name)
                known = UNTYPED if child is None else child
                after[name] = pruned(topology, known, inner, gave[step], kept[step])
        return after
    if isinstance(value, list) and topology.form(node, value) != "leaf":
        left: list[Json] = []
        for inner in value:
            step = _step(topology, node, inner)
            if step not in gave:
                left.append(inner)
            elif step in kept:
                item = topology.item(node)
                left.append(pruned(topology, item, inner, gave[step], kept[step]))
        return left
    return value
