"""Merge patch: a part of an object, where null takes a field away.

Source: RFC 7386.
"""

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.defaults.filling import clone


def patched(obj: Obj, patch: Obj) -> Obj:
    """Return the object after the patch; nothing of it is shared with the patch."""
    after = dict(obj)
    for key, value in patch.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = _merged(after.get(key), value)
    return after


def _merged(before: Json, patch: Json) -> Json:
    if isinstance(patch, dict):
        return patched(before if isinstance(before, dict) else {}, patch)
    return clone(patch)
