"""Who controls an object, and what a controller's own objects look like."""

import random
from collections.abc import Iterable, Iterator

from app.sandbox.control.work import Key
from app.sandbox.objects import Json, Obj, items, name_of, namespace_of, table, text
from app.sandbox.store.store import Change, Store

LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # of Kubernetes' generated names: no vowels, no words
FNV_OFFSET = 2_166_136_261
FNV_PRIME = 16_777_619


def controller_of(obj: Obj) -> Obj | None:
    """Return the owner reference of an object's controller, None where it has none."""
    for owner in items(obj, "metadata.ownerReferences"):
        if owner.get("controller") is True:
            return owner
    return None


def itself_or_controller(change: Change, resource: str, kind: str) -> Iterator[Key]:
    """Yield the key of a changed object of `resource`, or of another one's controller of `kind`."""
    obj = change.object
    if change.resource == resource:
        yield namespace_of(obj), name_of(obj)
    elif (owner := controller_of(obj)) is not None and owner.get("kind") == kind:
        yield namespace_of(obj), text(owner, "name")


def is_controlled(obj: Obj, owner: Obj) -> bool:
    """Whether `owner` is the controller of an object."""
    reference = controller_of(obj)
    return reference is not None and reference.get("uid") == text(owner, "metadata.uid")


def reference_to(owner: Obj) -> Obj:
    """Return the owner reference that a controller puts into what it makes for `owner`."""
    return {
        "apiVersion": text(owner, "apiVersion"),
        "kind": text(owner, "kind"),
        "name": name_of(owner),
        "uid": text(owner, "metadata.uid"),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controlled(store: Store, resource: str, owner: Obj) -> list[Obj]:
    """Return the objects of a resource whose controller is `owner`."""
    found = store.list(resource, namespace_of(owner))
    return [obj for obj in found if is_controlled(obj, owner)]


def suffix() -> str:
    """Return five random letters, as those of a pod's name."""
    return "".join(random.choices(LETTERS, k=5))


def encode(number: int) -> str:
    """Return a number as a name's part, each digit a letter (`5d8f…`), as Kubernetes does."""
    return "".join(LETTERS[ord(digit) % len(LETTERS)] for digit in str(number))


def fnv32a(data: bytes) -> int:
    """Return the 32-bit FNV-1a hash.

    Source: http://www.isthe.com/chongo/tech/comp/fnv/
    """
    value = FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return value


def with_meta(obj: Obj, **fields: Json) -> Obj:
    """Return an object with fields of its metadata set, or taken out where None."""
    meta = {**table(obj, "metadata"), **fields}
    return {**obj, "metadata": {key: value for key, value in meta.items() if value is not None}}


def set_status(store: Store, obj: Obj, status: Obj) -> Obj:
    """Store an object's status; a status is its controller's alone, no rule looks at it."""
    return store.update({**obj, "status": status})


def condition(conditions: Iterable[Obj], type_: str) -> Obj | None:
    """Return the condition of a type."""
    return next((one for one in conditions if one.get("type") == type_), None)
