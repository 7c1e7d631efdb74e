"""What a look at the cluster shows, and that looks share their watches."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from fakes import BrokenCluster, FakeCluster

from app.clusters.cluster import Change
from app.clusters.live import CONNECTION, LiveView
from app.clusters.objects import Json
from app.errors import ClusterUnavailable, NotAllowed

KINDS = ("Pod", "Service")


def thing(kind: str, name: str, namespace: str = "n", **more: Json) -> dict[str, Json]:
    metadata: dict[str, Json] = {"name": name, "namespace": namespace, "uid": name, **more}
    return {"kind": kind, "metadata": metadata}


class RestartingCluster(FakeCluster):
    """Can be stopped: its watches break, and new ones do not begin; then started again."""

    def __init__(self, objects: Sequence[dict[str, Json]]) -> None:
        super().__init__(objects)
        self.is_up = True

    def stop(self) -> None:
        self.is_up = False
        for _, _, queue in self._queues:
            queue.put_nowait(Change("synced", "", None))  # wakes it, so that it sees the break

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        if not self.is_up:
            raise ClusterUnavailable("stopped")
        async for change in super().watch(kinds, namespace):
            if not self.is_up:
                raise ClusterUnavailable("stopped")
            yield change


class OneForbidden(FakeCluster):
    """Lets this account see everything but Services."""

    async def watch(self, kinds: Sequence[str], namespace: str) -> AsyncGenerator[Change, None]:
        if "Service" in kinds:
            raise NotAllowed("no")
        async for change in super().watch(kinds, namespace):
            yield change


async def test_a_look_begins_with_what_is_there() -> None:
    cluster = FakeCluster([thing("Pod", "b"), thing("Pod", "a"), thing("Pod", "x", "other")])
    async with LiveView(cluster, KINDS).open(["n"]) as look:
        snapshot = await look.complete()
    assert [pod.name for pod in snapshot.of("Pod")] == ["a", "b"]
    assert snapshot.is_complete
    assert snapshot.broken_since is None


async def test_changes_that_come_together_are_told_together() -> None:
    cluster = FakeCluster()
    view = LiveView(cluster, KINDS)
    async with view.open(["n"]) as look:
        await look.complete()
        changes = look.changes()
        assert await anext(changes) == {CONNECTION}
        for name in "abc":
            cluster.put(thing("Pod", name))
        cluster.put(thing("Service", "s"))
        assert await anext(changes) == {"Pod", "Service"}
        cluster.remove("Pod", "a", "n")
        assert await anext(changes) == {"Pod"}
        assert [pod.name for pod in look.snapshot().of("Pod")] == ["b", "c"]


async def test_two_looks_share_their_watches_and_the_last_ends_them() -> None:
    cluster = FakeCluster()
    view = LiveView(cluster, KINDS)
    async with view.open(["n"]) as first:
        await first.complete()
        async with view.open(["n", "m"]) as second:
            await second.complete()
            assert cluster.watches == 4
        assert view.watched == {"n"}
        assert cluster.watches == 2
    assert cluster.watches == 0


async def test_all_kinds_are_told_first_so_that_checks_run_once_by_themselves() -> None:
    changes = LiveView(FakeCluster(), KINDS).changes(["n"])
    assert await anext(changes) == set(KINDS)
    await changes.aclose()


async def test_a_cluster_that_stops_is_told_and_what_it_held_stays() -> None:
    cluster = RestartingCluster([thing("Pod", "a")])
    async with LiveView(cluster, KINDS).open(["n"]) as look:
        await look.complete()
        changes = look.changes()
        await anext(changes)
        cluster.stop()
        assert CONNECTION in await anext(changes)
        snapshot = look.snapshot()
        assert isinstance(snapshot.broken_since, datetime)
        assert [pod.name for pod in snapshot.of("Pod")] == ["a"]


async def test_when_it_comes_back_what_vanished_meanwhile_is_gone() -> None:
    cluster = RestartingCluster([thing("Pod", "a"), thing("Pod", "b")])
    async with LiveView(cluster, KINDS, reconnect_s=0.01).open(["n"]) as look:
        await look.complete()
        cluster.stop()
        async for _ in look.changes():
            if look.snapshot().broken_since is not None:
                break
        cluster.remove("Pod", "a", "n")
        cluster.put(thing("Pod", "c"))
        cluster.is_up = True
        async for _ in look.changes():
            if look.snapshot().broken_since is None:
                break
        assert [pod.name for pod in look.snapshot().of("Pod")] == ["b", "c"]


async def test_a_kind_that_may_not_be_read_does_not_hide_the_others() -> None:
    async with LiveView(OneForbidden([thing("Pod", "a")]), KINDS).open(["n"]) as look:
        snapshot = await look.complete()
    assert snapshot.forbidden == {"Service"}
    assert len(snapshot.of("Pod")) == 1


async def test_a_cluster_that_is_not_there_does_not_raise() -> None:
    async with LiveView(BrokenCluster(), KINDS).open(["n"]) as look:
        assert CONNECTION in await anext(look.changes())
        assert not look.snapshot().is_complete
