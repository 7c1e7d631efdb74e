"""Objects by resource, namespace and name; every change has a version and is told to watchers."""

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.sandbox.objects import (
    Json,
    Obj,
    is_ending,
    name_of,
    namespace_of,
    number,
    stamp,
    table,
    text,
)
from app.sandbox.status import StatusError, conflict, exists, not_found
from app.sandbox.store.kinds import Kind, Kinds

HISTORY = 5_000  # changes that a watch may be behind before it is told to list anew
BACKLOG = 20_000  # changes that a watcher may leave unread before it is cut off
UNCOUNTED = frozenset(  # kinds whose objects have no metadata.generation
    (
        "namespaces",
        "nodes",
        "services",
        "endpoints",
        "configmaps",
        "secrets",
        "serviceaccounts",
        "events",
        "resourcequotas",
        "limitranges",
        "leases.coordination.k8s.io",
        "horizontalpodautoscalers.autoscaling",
        "roles.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io",
        "clusterroles.rbac.authorization.k8s.io",
        "clusterrolebindings.rbac.authorization.k8s.io",
    )
)
Objects: TypeAlias = list[Obj]
# Given a kind, an object and its state before: who manages which of its fields.
Tracking: TypeAlias = Callable[[Kind, Obj, Obj | None], list[Json]]


@dataclass(frozen=True)
class Change:
    """One change: the object after it (of DELETED its last state) and the one before."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    resource: str
    version: int
    object: Obj
    before: Obj | None = None


class Watching:
    """A subscription to changes of some resources, in order, from the moment it was made."""

    def __init__(self, resources: frozenset[str], end: Callable[["Watching"], None]) -> None:
        self.resources = resources
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._end = end

    def tell(self, change: Change) -> None:
        """Queue one change; a watcher that does not read is cut off."""
        if self._queue.qsize() >= BACKLOG:
            self.close()
        else:
            self._queue.put_nowait(change)

    def close(self) -> None:
        """End the iteration once what is queued has been read."""
        self._end(self)
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Change]:
        while (change := await self._queue.get()) is not None:
            yield change

    async def next(self) -> Change | None:
        """Return the next change; None at the end."""
        return await self._queue.get()


class Store:
    """All objects of a sandbox. Objects that it gives or takes are never changed in place.

    Verbs are the storage's alone: no defaults, no validation, no admission (see the registry).
    Raises, all of them: StatusError.
    """

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.version = 100
        self._objects: dict[str, dict[tuple[str, str], Obj]] = {}
        self._history: deque[Change] = deque(maxlen=HISTORY)
        self._watchers: set[Watching] = set()
        self._listeners: list[Callable[[Change], None]] = []
        self.track: Tracking | None = None

    def get(self, resource: str, name: str, namespace: str = "") -> Obj | None:
        """Return one object, None where there is none."""
        return self._objects.get(resource, {}).get((namespace, name))

    def list(self, resource: str, namespace: str = "") -> Objects:
        """Return objects by namespace and name; of all namespaces where none is given."""
        found = self._objects.get(resource, {})
        return [found[key] for key in sorted(found) if not namespace or key[0] == namespace]

    def create(self, obj: Obj, *, dry_run: bool = False, tracked: bool = False) -> Obj:
        """Store a new object; gives it version, time of creation, and a uid where it has none.

        Its generation is 1, where its kind counts generations. A dry run stores nothing, and
        gives no version. `tracked`: the object says already who manages its fields.
        """
        kind, key = self._place(obj)
        if key in self._objects.get(kind.resource, {}):
            raise exists(kind.resource, key[1])
        meta: Obj = {
            **table(obj, "metadata"),
            "uid": text(obj, "metadata.uid") or str(uuid.uuid4()),
            "creationTimestamp": stamp(),
            **({"generation": 1} if kind.resource not in UNCOUNTED else {}),
        }
        after: Obj = {**obj, "metadata": meta}
        if not tracked:
            self._track(kind, after, None)
        return after if dry_run else self._put(kind, key, after, None)

    def update(
        self, obj: Obj, *, expect: str = "", dry_run: bool = False, tracked: bool = False
    ) -> Obj:
        """Store a changed object. `expect` is the resourceVersion that it must still have.

        A change of anything but metadata and status raises its generation. One that changes
        nothing is not a change: no version, nobody is told. A dry run stores nothing.
        """
        kind, key = self._place(obj)
        before = self._objects.get(kind.resource, {}).get(key)
        if before is None:
            raise not_found(kind.resource, key[1])
        if expect and expect != text(before, "metadata.resourceVersion"):
            raise conflict(kind.resource, key[1])
        old = table(before, "metadata")
        kept: Obj = {field: old[field] for field in ("uid", "creationTimestamp") if field in old}
        meta: Obj = {**table(obj, "metadata"), **kept, "resourceVersion": old["resourceVersion"]}
        if kind.resource not in UNCOUNTED:
            count = number(before, "metadata.generation", 1)
            meta["generation"] = count + _respecified(before, obj)
        after: Obj = {**obj, "metadata": meta}
        if after == before:
            return before
        if not tracked:
            self._track(kind, after, before)
        return after if dry_run else self._put(kind, key, after, before)

    def edit(self, resource: str, name: str, namespace: str, change: Callable[[Obj], Obj]) -> Obj:
        """Store what `change` makes of the object as it is now."""
        before = self.get(resource, name, namespace)
        if before is None:
            raise not_found(resource, name)
        return self.update(change(before))

    def remove(self, resource: str, name: str, namespace: str = "") -> Obj:
        """Take an object away at once, whatever its finalizers say."""
        found = self._objects.get(resource, {})
        before = found.pop((namespace, name), None)
        if before is None:
            raise not_found(resource, name)
        self.version += 1
        meta: Obj = {**table(before, "metadata"), "resourceVersion": str(self.version)}
        last: Obj = {**before, "metadata": meta}
        self._tell(Change("DELETED", resource, self.version, last, before))
        return last

    def watch(self, resources: Iterable[str], since: int | None = None) -> Watching:
        """Return the changes from now on, or those after version `since` first.

        Raises: StatusError 410 where that is too long ago.
        """
        wanted = frozenset(resources)
        watching = Watching(wanted, self._watchers.discard)
        if since is not None and since < self.version:
            oldest = self._history[0].version if self._history else self.version + 1
            if since + 1 < oldest:
                message = f"too old resource version: {since} ({oldest})"
                raise StatusError(410, "Expired", message)
            for change in self._history:
                if change.version > since and change.resource in wanted:
                    watching.tell(change)
        self._watchers.add(watching)
        return watching

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` with every change from now on, at once and in order; it must not wait."""
        self._listeners.append(listener)

    def dump(self) -> Objects:
        """Return every object, for a snapshot."""
        return [obj for found in self._objects.values() for obj in found.values()]

    def load(self, objects: Iterable[Obj], version: int) -> None:
        """Take the objects of a snapshot as they are, into an empty store."""
        self.version = max(self.version, version)
        for obj in objects:
            kind, key = self._place(obj)
            self._objects.setdefault(kind.resource, {})[key] = obj

    def _place(self, obj: Obj) -> tuple[Kind, tuple[str, str]]:
        kind = self.kinds.of(obj)
        if kind is None:
            said = f"{text(obj, 'apiVersion')} {text(obj, 'kind')}"
            raise StatusError(404, "NotFound", f"the server does not know {said}")
        return kind, (namespace_of(obj) if kind.namespaced else "", name_of(obj))

    def _track(self, kind: Kind, after: Obj, before: Obj | None) -> None:
        """Write into a new object's metadata who manages its fields."""
        if self.track is None:
            return
        meta = table(after, "metadata")
        meta.pop("managedFields", None)
        if entries := self.track(kind, after, before):
            meta["managedFields"] = entries

    def _put(self, kind: Kind, key: tuple[str, str], obj: Obj, before: Obj | None) -> Obj:
        self.version += 1
        table(obj, "metadata")["resourceVersion"] = str(self.version)
        self._objects.setdefault(kind.resource, {})[key] = obj
        type_: Literal["ADDED", "MODIFIED"] = "ADDED" if before is None else "MODIFIED"
        self._tell(Change(type_, kind.resource, self.version, obj, before))
        return obj

    def _tell(self, change: Change) -> None:
        self._history.append(change)
        for watcher in tuple(self._watchers):
            if change.resource in watcher.resources:
                watcher.tell(change)
        for listener in self._listeners:
            listener(change)


def _respecified(before: Obj, after: Obj) -> bool:
    """Whether anything but metadata and status has changed, or the object was just deleted.

    A pod's assignment to a node is no change of what was asked for.
    """
    loose = ("metadata", "status")
    was = {key: value for key, value in before.items() if key not in loose}
    now = {key: value for key, value in after.items() if key not in loose}
    node = text(after, "spec.nodeName")
    if before.get("kind") == "Pod" and node and not text(before, "spec.nodeName"):
        was["spec"] = {**table(was, "spec"), "nodeName": node}
    return was != now or (is_ending(after) and not is_ending(before))
