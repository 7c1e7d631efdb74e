"""Events do not stay for ever."""

from sandbox.control.plane import plane

from app.sandbox.objects import Obj, stamp


def event(name: str, when: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "kube-public"},
        "lastTimestamp": when,
    }


async def test_an_event_goes_an_hour_after_it_was_told_last() -> None:
    with plane() as cluster:
        cluster.store.create(event("old", "2026-01-01T00:00:00Z"))
        cluster.store.create(event("young", stamp()))
        await cluster.settle()
        assert cluster.names("events", "kube-public") == ["young"]
