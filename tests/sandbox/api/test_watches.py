"""What a watch tells: what is there, what changes, and where it must begin anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sandbox.api.asgi import TOKEN, conversing, scope
from sandbox.api.world import FakeKubelet, registry

from app.sandbox.api.server import create_api
from app.sandbox.objects import Json, Obj, at, table, text
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import HISTORY

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def made() -> Registry:
    return registry()


def config_map(name: str, app: str = "web", namespace: str = "default") -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app}},
    }


class Events:
    """The events of a watch, one after the other."""

    def __init__(self, lines: AsyncIterator[Obj]) -> None:
        self._lines = lines

    async def next(self) -> tuple[str, str]:
        """Return the next event's type, and the name of its object."""
        event = await self.whole()
        return text(event, "type"), text(event, "object.metadata.name")

    async def whole(self) -> Obj:
        async with asyncio.timeout(5):
            return await anext(self._lines)

    async def is_over(self) -> bool:
        async with asyncio.timeout(5):
            return await anext(self._lines, None) is None


@asynccontextmanager
async def watch(
    made: Registry, path: str = MAPS, accept: str = "application/json", **query: str
) -> AsyncIterator[Events]:
    app = create_api(made, FakeKubelet(), TOKEN)
    asked = scope("GET", path, [("watch", "1"), *query.items()], {"accept": accept})
    async with conversing(app, asked) as both:
        yield Events(both.lines())


async def test_a_watch_begins_with_all_there_is_and_goes_on(made: Registry) -> None:
    made.create(config_map("a"))
    async with watch(made) as events:
        assert await events.next() == ("ADDED", "a")
        stored = made.create(config_map("b"))
        assert await events.next() == ("ADDED", "b")
        made.update({**stored, "data": {"key": "1"}})
        assert await events.next() == ("MODIFIED", "b")
        made.delete("configmaps", "a", "default")
        assert await events.next() == ("DELETED", "a")


async def test_a_watch_goes_on_after_a_version(made: Registry) -> None:
    made.create(config_map("a"))
    version = str(made.store.version)
    made.create(config_map("b"))
    async with watch(made, resourceVersion=version) as events:
        assert await events.next() == ("ADDED", "b")


async def test_an_object_comes_into_a_selection_and_leaves_it(made: Registry) -> None:
    stored = made.create(config_map("a", "other"))
    version = str(made.store.version)
    async with watch(made, labelSelector="app=web", resourceVersion=version) as events:
        stored = made.update({**stored, **_labelled(stored, "web")})
        assert await events.next() == ("ADDED", "a")
        made.update({**stored, **_labelled(stored, "other")})
        assert await events.next() == ("DELETED", "a")


def _labelled(obj: Obj, app: str) -> Obj:
    return {"metadata": {**table(obj, "metadata"), "labels": {"app": app}}}


async def test_other_namespaces_and_kinds_are_not_told(made: Registry) -> None:
    async with watch(made, resourceVersion=str(made.store.version)) as events:
        made.create(config_map("far", namespace="kube-system"))
        made.create({**config_map("s"), "kind": "Secret"})
        made.create(config_map("near"))
        assert await events.next() == ("ADDED", "near")


async def test_initial_events_end_with_a_bookmark(made: Registry) -> None:
    made.create(config_map("a"))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    async with watch(made, allowWatchBookmarks="true", **query) as events:
        assert await events.next() == ("ADDED", "a")
        mark = await events.whole()
        assert text(mark, "type") == "BOOKMARK"
        assert text(mark, "object.metadata.resourceVersion") == str(made.store.version)
        annotations = table(mark, "object.metadata.annotations")
        assert annotations == {"k8s.io/initial-events-end": "true"}


async def test_a_version_that_is_too_old_is_told_in_the_stream(made: Registry) -> None:
    first = str(made.store.version)
    stored = made.create(config_map("a"))
    for number in range(HISTORY + 1):
        stored = made.store.update({**stored, "data": {"key": str(number)}})
    async with watch(made, resourceVersion=first) as events:
        event = await events.whole()
        assert text(event, "type") == "ERROR"
        assert at(event, "object.code") == 410
        assert text(event, "object.reason") == "Expired"
        assert await events.is_over()


async def test_a_table_has_its_columns_once(made: Registry) -> None:
    made.create(config_map("a"))
    made.create(config_map("b"))
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    async with watch(made, accept=accept) as events:
        first, second = await events.whole(), await events.whole()
        assert at(first, "object.columnDefinitions.0.name") == "Name"
        assert not at(second, "object.columnDefinitions")
        assert at(second, "object.rows.0.cells.0") == "b"


async def test_a_watch_of_a_kind_ends_with_the_kind(made: Registry) -> None:
    schema: Obj = {"openAPIV3Schema": {"type": "object"}}
    version: Json = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names: Obj = {"plural": "robots", "kind": "Robot"}
    made.create(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "robots.example.org"},
            "spec": {
                "group": "example.org",
                "scope": "Namespaced",
                "names": names,
                "versions": [version],
            },
        }
    )
    async with watch(made, "/apis/example.org/v1/robots") as events:
        robot = {**config_map("r2"), "apiVersion": "example.org/v1", "kind": "Robot"}
        made.create(robot)
        assert await events.next() == ("ADDED", "r2")
        made.delete("customresourcedefinitions.apiextensions.k8s.io", "robots.example.org")
        assert await events.next() == ("DELETED", "r2")
        assert await events.is_over()


async def test_a_watch_that_is_left_is_forgotten(made: Registry) -> None:
    async with watch(made) as events:
        made.create(config_map("a"))
        await events.whole()
        assert len(made.store._watchers) == 1
    assert len(made.store._watchers) == 0
