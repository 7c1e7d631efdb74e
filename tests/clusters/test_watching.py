"""A watch goes on through expiry, short breaks and kinds that are installed late."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from app.clusters.cluster import Change
from app.clusters.objects import Json, Object
from app.clusters.watching import Expired, Listing, Pace, readable, watch_all
from app.errors import ClusterUnavailable, NotAllowed

QUICK = Pace(break_s=0.05, retry_s=0.005, appear_s=0.005, pulse_s=0.005)


def pod(name: str, version: str = "1") -> Object:
    metadata: dict[str, Json] = {
        "name": name,
        "namespace": "n",
        "uid": name,
        "resourceVersion": version,
    }
    return Object({"kind": "Pod", "apiVersion": "v1", "metadata": metadata})


def event(type_: str, found: Object) -> bytes:
    return json.dumps({"type": type_, "object": dict(found.raw)}).encode()


class ScriptedSource:
    """Lists and watches what it was given, one after the other; then the watch stays open."""

    def __init__(self, *acts: object) -> None:
        self._acts = list(acts)
        self.versions: list[str] = []
        self.is_alive = True

    async def listing(self, kind: str, namespace: str) -> Listing | None:
        act = self._acts.pop(0)
        if isinstance(act, Exception):
            raise act
        assert act is None or isinstance(act, Listing)
        return act

    async def events(self, kind: str, namespace: str, version: str) -> AsyncGenerator[bytes, None]:
        self.versions.append(version)
        while self._acts:
            act = self._acts.pop(0)
            if isinstance(act, Exception):
                raise act
            if act == "end":
                return
            assert isinstance(act, bytes)
            yield act
        await asyncio.Event().wait()

    async def pulse(self) -> None:
        if not self.is_alive:
            raise ClusterUnavailable("frozen")


async def seen(source: ScriptedSource, count: int) -> list[tuple[str, str]]:
    changes: list[Change] = []
    async with aclosing(watch_all(source, ["Pod"], "n", QUICK)) as stream:
        async for change in stream:
            changes.append(change)
            if len(changes) == count:
                break
    return [(change.type, change.object.name if change.object else "") for change in changes]


async def test_what_is_there_comes_first_then_what_changes() -> None:
    source = ScriptedSource(
        Listing([pod("a")], "5"),
        event("ADDED", pod("b", "6")),
        event("MODIFIED", pod("a", "7")),
        event("DELETED", pod("b", "8")),
    )
    assert await seen(source, 5) == [
        ("added", "a"),
        ("synced", ""),
        ("added", "b"),
        ("modified", "a"),
        ("deleted", "b"),
    ]


async def test_a_watch_that_the_server_ends_goes_on_from_the_last_version() -> None:
    source = ScriptedSource(
        Listing([], "5"), event("BOOKMARK", pod("", "9")), "end", event("ADDED", pod("a", "10"))
    )
    assert await seen(source, 2) == [("synced", ""), ("added", "a")]
    assert source.versions == ["5", "9"]


async def test_after_expiry_only_differences_are_told() -> None:
    source = ScriptedSource(
        Listing([pod("a"), pod("b"), pod("c")], "5"),
        Expired(),
        Listing([pod("a"), pod("b", "9"), pod("d")], "10"),
    )
    assert (await seen(source, 7))[4:] == [("deleted", "c"), ("modified", "b"), ("added", "d")]


async def test_an_error_event_lists_anew() -> None:
    error = json.dumps({"type": "ERROR", "object": {"code": 410}}).encode()
    source = ScriptedSource(Listing([], "5"), error, Listing([pod("a")], "10"))
    assert await seen(source, 2) == [("synced", ""), ("added", "a")]


async def test_a_kind_that_is_not_installed_is_empty_until_it_is() -> None:
    source = ScriptedSource(None, None, Listing([pod("a")], "5"))
    assert await seen(source, 2) == [("synced", ""), ("added", "a")]


async def test_a_kind_that_is_uninstalled_takes_its_objects_along() -> None:
    source = ScriptedSource(Listing([pod("a")], "5"), Expired(), None, None, Listing([], "9"))
    assert (await seen(source, 3))[2] == ("deleted", "a")


async def test_a_short_break_does_not_show() -> None:
    broken = ClusterUnavailable("gone")
    source = ScriptedSource(Listing([], "5"), broken, broken, event("ADDED", pod("a", "6")))
    assert await seen(source, 2) == [("synced", ""), ("added", "a")]


async def test_a_line_that_breaks_off_is_a_short_break() -> None:
    source = ScriptedSource(Listing([], "5"), b'{"type": "ADD', event("ADDED", pod("a", "6")))
    assert await seen(source, 2) == [("synced", ""), ("added", "a")]


async def test_a_long_break_is_raised() -> None:
    source = ScriptedSource(Listing([], "5"), *[ClusterUnavailable("gone")] * 1000)
    with pytest.raises(ClusterUnavailable, match="gone"):
        await seen(source, 99)


async def test_a_cluster_that_is_frozen_is_noticed_though_its_watches_stay_open() -> None:
    source = ScriptedSource(Listing([], "5"))
    source.is_alive = False
    with pytest.raises(ClusterUnavailable, match="frozen"):
        await seen(source, 99)


async def test_what_is_forbidden_is_raised_at_once() -> None:
    with pytest.raises(NotAllowed):
        await seen(ScriptedSource(NotAllowed("no")), 1)


def test_the_content_of_a_secret_is_never_kept() -> None:
    secret = Object(
        {
            "kind": "Secret",
            "data": {"key": "c2VjcmV0"},
            "metadata": {"name": "s", "annotations": {"last-applied": "secret"}},
        }
    )
    assert readable(secret, "Secret").raw == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
    }
