"""Garbage collection: what becomes of objects whose owners are deleted.

Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

from collections.abc import Iterable

from app.sandbox.control.owners import with_meta
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    is_ending,
    items,
    name_of,
    namespace_of,
    owner_uids,
    text,
    words,
)
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Change

ASK = Ask(user="system:serviceaccount:kube-system:generic-garbage-collector")
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
AT_ONCE = 50  # objects deleted before others have their turn
MORE_S = 0.01


class Garbage:
    """The collector. Its keys are ("", uid): the owner that is going, or an orphan to be."""

    resources = frozenset({"*"})

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store = registry.store
        self._where: dict[str, tuple[str, str, str]] = {}  # uid → resource, namespace, name
        self._owned: dict[str, set[str]] = {}  # an owner's uid → the uids of what it owns

    def touched(self, change: Change) -> Iterable[Key]:
        """Return who may have to go, or be let go of, after a change of any object."""
        obj = change.object
        uid = text(obj, "metadata.uid")
        owners = owner_uids(obj)
        if change.before is not None:
            for owner in owner_uids(change.before) - (
                owners if change.type != "DELETED" else set()
            ):
                self._owned.get(owner, set()).discard(uid)
        if change.type == "DELETED":
            self._where.pop(uid, None)
            return [("", uid), *(("", owner) for owner in owners)]
        self._where[uid] = (change.resource, namespace_of(obj), name_of(obj))
        for owner in owners:
            self._owned.setdefault(owner, set()).add(uid)
        ending = is_ending(obj) and words(obj, "metadata.finalizers")
        return [("", uid)] if ending or (owners and change.type == "ADDED") else []

    def look(self, key: Key) -> float | None:
        """Collect what an absent owner leaves, or finish an owner's own deletion."""
        uid = key[1]
        obj = self._get(uid)
        if obj is None:
            return self._collect_of(uid)
        finalizers = words(obj, "metadata.finalizers")
        if is_ending(obj) and ORPHAN in finalizers:
            self._orphan(obj)
        elif is_ending(obj) and FOREGROUND in finalizers:
            self._foreground(obj)
        elif owner_uids(obj):
            self._collect(uid)
        return None

    def _get(self, uid: str) -> Obj | None:
        place = self._where.get(uid)
        if place is None:
            return None
        obj = self._store.get(place[0], place[2], place[1])
        return obj if obj is not None and text(obj, "metadata.uid") == uid else None

    def _collect_of(self, owner: str) -> float | None:
        """Collect what an owner that is gone has left; return when to go on."""
        done = 0
        for dependent in tuple(self._owned.get(owner, ())):
            done += self._collect(dependent)
            if done >= AT_ONCE:
                return MORE_S
        if not self._owned.get(owner):
            self._owned.pop(owner, None)
        return None

    def _collect(self, uid: str) -> bool:
        """Delete an object if all its owners are gone, else let go of those that are.

        Returns whether there was something to do.
        """
        obj = self._get(uid)
        if obj is None:
            return False
        alive = {owner for owner in owner_uids(obj) if self._get(owner) is not None}
        if not alive and not is_ending(obj):
            self._delete(obj, "Background")
            return True
        if alive != owner_uids(obj) and alive:
            kept: list[Json] = [
                one for one in items(obj, "metadata.ownerReferences") if one.get("uid") in alive
            ]
            self._store.update(with_meta(obj, ownerReferences=kept))
            return True
        return False

    def _foreground(self, obj: Obj) -> None:
        """Delete what an object owns first; the object itself when that is gone."""
        uid = text(obj, "metadata.uid")
        waiting = False
        for dependent in tuple(self._owned.get(uid, ())):
            found = self._get(dependent)
            if found is None:
                continue
            waiting = waiting or _blocks(found, uid)
            if not is_ending(found):
                self._delete(found, "Foreground" if self._owned.get(dependent) else "Background")
        if not waiting or not any(self._get(one) for one in self._owned.get(uid, ())):
            self._finish(obj, FOREGROUND)

    def _orphan(self, obj: Obj) -> None:
        """Let go of what an object owns, then of the object."""
        uid = text(obj, "metadata.uid")
        for dependent in tuple(self._owned.get(uid, ())):
            found = self._get(dependent)
            if found is not None:
                kept: list[Json] = [
                    one for one in items(found, "metadata.ownerReferences") if one.get("uid") != uid
                ]
                self._store.update(with_meta(found, ownerReferences=kept or None))
        self._finish(obj, ORPHAN)

    def _delete(self, obj: Obj, propagation: str) -> None:
        resource, namespace, name = self._where[text(obj, "metadata.uid")]
        self._registry.delete(resource, name, namespace, ASK, propagation=propagation)

    def _finish(self, obj: Obj, finalizer: str) -> None:
        obj = self._get(text(obj, "metadata.uid")) or obj
        left: list[Json] = [one for one in words(obj, "metadata.finalizers") if one != finalizer]
        self._registry.update(with_meta(obj, finalizers=left or None), ASK)


def _blocks(obj: Obj, owner: str) -> bool:
    return any(
        one.get("blockOwnerDeletion") is True
        for one in items(obj, "metadata.ownerReferences")
        if one.get("uid") == owner
    )
