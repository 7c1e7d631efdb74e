"""What is in a namespace now, kept by shared watches: for the panel and for checks."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.clusters.cluster import Change, Cluster
from app.clusters.kinds import LIVE_KINDS
from app.clusters.objects import Object
from app.errors import ClusterUnavailable, NotAllowed

COALESCE_S: Final = 0.05  # changes this close together are one: a rollout is dozens
RECONNECT_S: Final = 1.0
FORBIDDEN_S: Final = 30.0  # rights change rarely, and somebody may grant them
CONNECTION: Final = "connection"  # stands among the changed kinds when the state has changed


@dataclass(frozen=True)
class Snapshot:
    """What is known now. Shape of `objects`: {kind: objects by namespace and name}.

    `is_complete` is false until every kind has been listed once. `broken_since` is None while the
    cluster answers; the objects are then those of the moment before the break.
    """

    objects: Mapping[str, tuple[Object, ...]]
    is_complete: bool
    broken_since: datetime | None
    forbidden: frozenset[str]

    def of(self, kind: str, namespace: str = "") -> tuple[Object, ...]:
        """Return the objects of a kind, of one namespace where one is given."""
        found = self.objects.get(kind, ())
        return tuple(o for o in found if namespace in ("", o.namespace))


class Look:
    """One subscriber's look at some namespaces; lasts as long as `LiveView.open`'s block."""

    def __init__(self, feeds: Sequence["_Feed"]) -> None:
        self._feeds = feeds
        self._pending: set[str] = set()
        self._has_pending = asyncio.Event()

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        objects: dict[str, list[Object]] = defaultdict(list)
        for feed in self._feeds:
            for kind, known in feed.objects.items():
                objects[kind].extend(known.values())
        breaks = [since for feed in self._feeds for since in feed.broken.values()]
        return Snapshot(
            {k: tuple(sorted(v, key=lambda o: (o.namespace, o.name))) for k, v in objects.items()},
            all(feed.is_complete for feed in self._feeds),
            min(breaks, default=None),
            frozenset().union(*(feed.forbidden for feed in self._feeds)),
        )

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        """Yield the kinds that have changed since the last time, at most every COALESCE_S."""
        while True:
            await self._has_pending.wait()
            await asyncio.sleep(COALESCE_S)
            changed, self._pending = frozenset(self._pending), set()
            self._has_pending.clear()
            yield changed

    async def complete(self) -> Snapshot:
        """Return the first complete snapshot, waiting for it."""
        await asyncio.gather(*(feed.completed.wait() for feed in self._feeds))
        return self.snapshot()

    def tell(self, kind: str) -> None:
        """Note that something of this kind has changed."""
        self._pending.add(kind)
        self._has_pending.set()


class LiveView:
    """All looks at one cluster share one set of watches for each namespace."""

    def __init__(
        self,
        cluster: Cluster,
        kinds: Sequence[str] = LIVE_KINDS,
        *,
        reconnect_s: float = RECONNECT_S,
    ) -> None:
        self._cluster = cluster
        self._reconnect_s = reconnect_s
        self._kinds = tuple(kinds)
        self._feeds: dict[str, _Feed] = {}

    @asynccontextmanager
    async def open(self, namespaces: Iterable[str]) -> AsyncIterator[Look]:
        """Look at these namespaces for as long as the `async with` lasts."""
        feeds = [self._feed(namespace) for namespace in dict.fromkeys(namespaces)]
        look = Look(feeds)
        for feed in feeds:
            feed.looks.add(look)
        try:
            yield look
        finally:
            for feed in feeds:
                feed.looks.discard(look)
                if not feed.looks and self._feeds.get(feed.namespace) is feed:
                    del self._feeds[feed.namespace]
                    await feed.stop()

    async def changes(self, namespaces: Iterable[str]) -> AsyncGenerator[frozenset[str], None]:
        """Yield all kinds once everything has been listed, then those that changed."""
        async with self.open(namespaces) as look:
            await look.complete()
            yield frozenset(self._kinds)
            async for changed in look.changes():
                yield changed

    async def watch(self, namespaces: Iterable[str]) -> AsyncGenerator[Snapshot, None]:
        """Yield what is there once everything has been listed, then anew with every change."""
        async with self.open(namespaces) as look:
            yield await look.complete()
            async for _ in look.changes():
                yield look.snapshot()

    @property
    def watched(self) -> frozenset[str]:
        """The namespaces that are watched now."""
        return frozenset(self._feeds)

    def _feed(self, namespace: str) -> "_Feed":
        if namespace not in self._feeds:
            self._feeds[namespace] = _Feed(self._cluster, namespace, self._kinds, self._reconnect_s)
        return self._feeds[namespace]


class _Feed:
    """The watches of one namespace, and what they have shown."""

    def __init__(
        self, cluster: Cluster, namespace: str, kinds: Sequence[str], reconnect_s: float
    ) -> None:
        self.namespace = namespace
        self.objects: dict[str, dict[str, Object]] = {kind: {} for kind in kinds}
        self.broken: dict[str, datetime] = {}
        self.forbidden: set[str] = set()
        self.looks: set[Look] = set()
        self.completed = asyncio.Event()
        self._listed: set[str] = set()
        self._cluster = cluster
        self._reconnect_s = reconnect_s
        self._tasks = [asyncio.create_task(self._follow(kind)) for kind in kinds]

    @property
    def is_complete(self) -> bool:
        return self.completed.is_set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, kind: str) -> None:
        while True:
            try:
                await self._follow_once(kind)
            except NotAllowed:
                self.forbidden.add(kind)
                self._has_listed(kind)
                await asyncio.sleep(FORBIDDEN_S)
            except ClusterUnavailable:
                self.broken.setdefault(kind, datetime.now(UTC))
                self._tell(CONNECTION)
                await asyncio.sleep(self._reconnect_s)

    async def _follow_once(self, kind: str) -> None:
        seen: set[str] | None = set()
        watch = self._cluster.watch([kind], self.namespace)
        async with aclosing(watch) as changes:  # type: ignore[type-var]
            async for change in changes:
                if change.object is None:
                    self._drop_unseen(kind, seen or set())
                    seen = None
                else:
                    if seen is not None:
                        seen.add(_key(change.object))
                    self._take(change, change.object)

    def _take(self, change: Change, found: Object) -> None:
        known = self.objects[change.kind]
        if change.type == "deleted":
            known.pop(_key(found), None)
        elif known.get(_key(found)) == found:
            return  # seen before the connection broke
        else:
            known[_key(found)] = found
        self._tell(change.kind)

    def _drop_unseen(self, kind: str, seen: set[str]) -> None:
        """After a listing: what it does not hold went away while nobody was looking."""
        known = self.objects[kind]
        gone = known.keys() - seen
        for key in gone:
            del known[key]
        if gone:
            self._tell(kind)
        self.forbidden.discard(kind)
        if self.broken.pop(kind, None):
            self._tell(CONNECTION)
        self._has_listed(kind)

    def _has_listed(self, kind: str) -> None:
        self._listed.add(kind)
        if len(self._listed) == len(self.objects) and not self.is_complete:
            self.completed.set()
            self._tell(CONNECTION)

    def _tell(self, kind: str) -> None:
        for look in self.looks:
            look.tell(kind)


def _key(found: Object) -> str:
    return f"{found.name}/{found.uid}"
