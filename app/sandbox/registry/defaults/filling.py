"""How defaults are written into a copy: where nothing stands, and nowhere else."""

from app.sandbox.objects import Json, Obj


def clone(value: Json) -> Json:
    """Return a copy that shares nothing with the value."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


def copied(obj: Obj) -> Obj:
    """Return a copy of an object that shares nothing with it."""
    return {key: clone(item) for key, item in obj.items()}


def fill(target: Obj, **values: Json) -> None:
    """Set each field that is absent or null."""
    for key, value in values.items():
        if target.get(key) is None:
            target[key] = value


def inner(target: Obj, key: str) -> Obj:
    """Return the object in a field; an empty one is put there where there is none."""
    value = target.get(key)
    if not isinstance(value, dict):
        value = {}
        target[key] = value
    return value


def without_nulls(value: Json) -> Json:
    """Return a copy without fields that are null, as a typed server reads them."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
