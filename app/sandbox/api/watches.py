"""Watches: what is there, then what changes, as one line of JSON for each event."""

import asyncio
from collections.abc import AsyncGenerator

from app.sandbox.api.answers import Shape, encoded
from app.sandbox.api.call import Call
from app.sandbox.api.listing import Selection, check_options, version_asked, whole
from app.sandbox.api.streaming import Stream
from app.sandbox.objects import Obj, name_of
from app.sandbox.status import StatusError
from app.sandbox.store.store import Change, Store, Watching

CRDS = "customresourcedefinitions.apiextensions.k8s.io"
BOOKMARK_S = 60.0  # as Kubernetes
INITIAL_END = {"k8s.io/initial-events-end": "true"}


def watched(store: Store, call: Call) -> Stream:
    """Return the stream of a watch. Raises: StatusError 400, 406, 422."""
    check_options(call)
    watch = _Watch(store, call)
    return Stream(watch.lines(), "application/json", at_once=True)


class _Watch:
    """One watch: what it chooses, and the shape in which it tells it."""

    def __init__(self, store: Store, call: Call) -> None:
        self._store = store
        self._resource = call.target.kind.resource
        self._api_version = call.target.kind.api_version(call.target.version)
        self._kind = call.target.kind.kind
        self._is_custom = call.target.kind.crd is not None
        self._selection = Selection(call)
        self._shape = Shape(call)
        self._since = version_asked(call)
        self._timeout_s = whole(call, "timeoutSeconds")
        self._is_initial = call.asks("sendInitialEvents")
        self._has_bookmarks = call.asks("allowWatchBookmarks")
        self._has_columns = False

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Yield the events, each a line."""
        begins_with_all = self._is_initial or not self._since
        objects = self._store.list(self._resource, self._selection.namespace)
        try:
            watching = self._watching(None if begins_with_all else self._since)
        except StatusError as error:
            yield _line("ERROR", error.status())
            return
        try:
            if begins_with_all:
                for obj in objects:
                    if self._selection.has(obj):
                        yield self._event("ADDED", obj)
            if self._is_initial:
                yield self._bookmark(INITIAL_END)
            async for line in self._changes(watching):
                yield line
        finally:
            watching.close()

    def _watching(self, since: int | None) -> Watching:
        resources = (self._resource, CRDS) if self._is_custom else (self._resource,)
        return self._store.watch(resources, since)

    async def _changes(self, watching: Watching) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout_s if self._timeout_s else None
        bookmark = loop.time() + BOOKMARK_S if self._has_bookmarks else None
        while True:
            due = min((when for when in (end, bookmark) if when is not None), default=None)
            try:
                async with asyncio.timeout_at(due):
                    change = await watching.next()
            except TimeoutError:
                if end is not None and loop.time() >= end:
                    return
                bookmark = loop.time() + BOOKMARK_S
                yield self._bookmark({})
                continue
            if change is None or self._is_over(change):
                return
            if line := self._told(change):
                yield line

    def _is_over(self, change: Change) -> bool:
        """Whether the watched kind itself has gone."""
        return (
            self._is_custom
            and change.resource == CRDS
            and change.type == "DELETED"
            and name_of(change.object) == self._resource
        )

    def _told(self, change: Change) -> bytes:
        """Return a change as this watch sees it: an object may come into its selection or leave."""
        if change.resource != self._resource:
            return b""
        was = change.before is not None and self._selection.has(change.before)
        now = change.type != "DELETED" and self._selection.has(change.object)
        if now:
            return self._event("MODIFIED" if was else "ADDED", change.object)
        return self._event("DELETED", change.object) if was else b""

    def _event(self, kind: str, obj: Obj) -> bytes:
        shown = self._shape.one(obj, with_columns=not self._has_columns)
        self._has_columns = True
        return _line(kind, shown)

    def _bookmark(self, annotations: Obj | dict[str, str]) -> bytes:
        metadata: Obj = {"resourceVersion": str(self._store.version)}
        if annotations:
            metadata["annotations"] = dict(annotations)
        marked: Obj = {"kind": self._kind, "apiVersion": self._api_version, "metadata": metadata}
        if self._shape.is_table:
            return _line("BOOKMARK", self._shape.one(marked, with_columns=not self._has_columns))
        return _line("BOOKMARK", self._shape.one(marked))


def _line(kind: str, obj: Obj) -> bytes:
    return encoded({"type": kind, "object": obj}) + b"\n"
