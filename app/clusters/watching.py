"""Watching kinds: a listing, then what changes; through expiry, short breaks, late kinds."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Protocol

from app.clusters.cluster import Change
from app.clusters.objects import Object
from app.errors import ClusterUnavailable, NotAllowed

WATCH_S: Final = 240  # the server ends a watch after this; it goes on from where it was


@dataclass(frozen=True)
class Pace:
    """How long a watch bears a break, and how often it asks. Units: seconds."""

    break_s: float = 4.0  # a shorter one is nobody's business
    retry_s: float = 0.25
    appear_s: float = 1.0  # between two looks whether a kind has been installed
    pulse_s: float = 2.0


@dataclass(frozen=True)
class Listing:
    """All objects of a kind, and the version of the collection from which a watch goes on."""

    objects: Sequence[Object]
    version: str


class Expired(Exception):
    """A watch cannot go on from that version: list anew."""


class Source(Protocol):
    """What a watch needs of a cluster."""

    async def listing(self, kind: str, namespace: str) -> Listing | None:
        """Return all objects, None where the kind is not installed."""
        ...

    def events(self, kind: str, namespace: str, version: str) -> AsyncGenerator[bytes, None]:
        """Yield the events after that version, a JSON text each. Raises: Expired."""
        ...

    async def pulse(self) -> None:
        """Return when the API server has just answered. Raises: ClusterUnavailable."""
        ...


async def watch_all(
    source: Source, kinds: Sequence[str], namespace: str, pace: Pace
) -> AsyncGenerator[Change, None]:
    """Yield the changes of several kinds as one stream, until the cluster stays away.

    Raises: ClusterUnavailable after a break of `pace.break_s` seconds, NotAllowed.
    """
    changes: asyncio.Queue[Change | BaseException] = asyncio.Queue()

    async def pump(kind: str) -> None:
        async with aclosing(_Watch(source, kind, namespace, pace).changes()) as stream:
            async for change in stream:
                changes.put_nowait(change)

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            changes.put_nowait(error)

    tasks = [asyncio.create_task(pump(kind)) for kind in kinds]
    tasks.append(asyncio.create_task(_keep_asking(source, pace)))
    for task in tasks:
        task.add_done_callback(ended)
    try:
        while True:
            change = await changes.get()
            if isinstance(change, BaseException):
                raise change
            yield change
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Patience:
    """How long a break has lasted; `bear` waits a moment, or gives up."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._since: float | None = None

    def calm(self) -> None:
        self._since = None

    async def bear(self, error: ClusterUnavailable) -> None:
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if now - self._since > self._pace.break_s:
            raise error
        await asyncio.sleep(self._pace.retry_s)


async def _keep_asking(source: Source, pace: Pace) -> None:
    """A cluster that is frozen rather than gone says nothing on its open watches: so ask."""
    patience = _Patience(pace)
    while True:
        try:
            await source.pulse()
            patience.calm()
            await asyncio.sleep(pace.pulse_s)
        except ClusterUnavailable as error:
            await patience.bear(error)
        except NotAllowed:
            await asyncio.sleep(pace.pulse_s)  # it answers, which is all that was asked


class _Watch:
    """One kind in one namespace."""

    def __init__(self, source: Source, kind: str, namespace: str, pace: Pace) -> None:
        self._pace = pace
        self._source = source
        self._kind = kind
        self._namespace = namespace
        self._known: dict[str, Object] = {}
        self._version = ""
        self._is_synced = False
        self._patience = _Patience(pace)

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Yield what is there, `synced`, then what changes."""
        while True:
            try:
                if not self._version:
                    listing = await self._source.listing(self._kind, self._namespace)
                    self._patience.calm()
                    for change in self._differences(listing):
                        yield change
                    if listing is None:
                        await asyncio.sleep(self._pace.appear_s)
                        continue
                async with aclosing(self._events()) as stream:
                    async for change in stream:
                        yield change
            except Expired:
                self._version = ""
            except ClusterUnavailable as error:
                await self._patience.bear(error)

    async def _events(self) -> AsyncGenerator[Change, None]:
        lines = self._source.events(self._kind, self._namespace, self._version)
        async with aclosing(lines) as stream:
            async for line in stream:
                self._patience.calm()
                change = self._read(line)
                if change is not None:
                    yield change

    def _read(self, line: bytes) -> Change | None:
        try:
            event = Object(json.loads(line))
        except ValueError as error:
            raise ClusterUnavailable("The API server broke off in the middle.") from error
        if event.text("type") == "ERROR":
            raise Expired
        body = event.at("object")
        found = Object(body if isinstance(body, dict) else {})
        self._version = found.text("metadata.resourceVersion")
        if event.text("type") == "BOOKMARK":
            return None
        return self._change(event.text("type"), found)

    def _change(self, type_: str, found: Object) -> Change:
        found = readable(found, self._kind)
        if type_ == "DELETED":
            self._known.pop(_key(found), None)
            return Change("deleted", self._kind, found)
        is_known = _key(found) in self._known
        self._known[_key(found)] = found
        return Change("modified" if is_known else "added", self._kind, found)

    def _differences(self, listing: Listing | None) -> list[Change]:
        """Say what a new listing changes, also what went away while nobody was looking."""
        objects = listing.objects if listing else ()
        self._version = listing.version if listing else ""
        before, self._known = self._known, {_key(found): found for found in objects}
        changes = [
            Change("deleted", self._kind, found)
            for key, found in before.items()
            if key not in self._known
        ]
        for key, found in self._known.items():
            if key not in before:
                changes.append(Change("added", self._kind, found))
            elif _version(found) != _version(before[key]):
                changes.append(Change("modified", self._kind, found))
        if not self._is_synced:
            self._is_synced = True
            changes.append(Change("synced", self._kind, None))
        return changes


def readable(found: Object, kind: str, version: str = "") -> Object:
    """Return the object without its bookkeeping, with the kind that items of a list leave out."""
    metadata = found.at("metadata")
    kept = dict(metadata) if isinstance(metadata, dict) else {}
    kept.pop("managedFields", None)
    if kind == "Secret":  # kubectl apply keeps the whole content in an annotation
        kept.pop("annotations", None)
        return Object({"apiVersion": "v1", "kind": kind, "metadata": kept})
    api_version = found.text("apiVersion", version)
    return Object({"apiVersion": api_version, **found.raw, "kind": kind, "metadata": kept})


def _key(found: Object) -> str:
    return f"{found.namespace}/{found.name}/{found.uid}"


def _version(found: Object) -> str:
    return found.text("metadata.resourceVersion")
