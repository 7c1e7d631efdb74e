"""Which types refer to which."""

from collections.abc import Callable, Iterable

from app.sandbox.objects import Json


def closure(type_of: Callable[[str], Json], roots: Iterable[str]) -> list[str]:
    """Return the names of the types that the roots need, themselves included, in order."""
    todo = list(roots)
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _references(type_of(name))
    return sorted(seen)


def _references(node: Json) -> list[str]:
    if isinstance(node, list):
        return [name for part in node for name in _references(part)]
    if not isinstance(node, dict):
        return []
    told = node.get("$ref")
    own = [told.rpartition("/")[2]] if isinstance(told, str) else []
    return own + [name for part in node.values() for name in _references(part)]
