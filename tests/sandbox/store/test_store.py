"""Objects, their versions, and what watchers are told."""

import pytest

from app.sandbox.objects import Obj, number, table, text
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds, kind_of_crd
from app.sandbox.store.store import HISTORY, Store


@pytest.fixture
def store() -> Store:
    return Store(Kinds())


def config_map(name: str, namespace: str = "default", **data: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict(data),
    }


def deployment(replicas: int, **meta: str) -> Obj:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", **meta},
        "spec": {"replicas": replicas},
    }


def test_a_new_object_gets_uid_version_time_and_generation(store: Store) -> None:
    made = store.create(deployment(1))
    assert text(made, "metadata.uid")
    assert text(made, "metadata.creationTimestamp").endswith("Z")
    assert number(made, "metadata.generation") == 1
    assert text(made, "metadata.resourceVersion") == str(store.version)


def test_a_second_of_the_same_name_is_refused(store: Store) -> None:
    store.create(config_map("a"))
    with pytest.raises(StatusError, match='configmaps "a" already exists') as refused:
        store.create(config_map("a"))
    assert refused.value.code == 409
    store.create(config_map("a", "elsewhere"))


def test_kinds_without_generations_have_none(store: Store) -> None:
    store.create(config_map("a"))
    changed = store.update(config_map("a", key="value"))
    assert "generation" not in table(changed, "metadata")


def test_a_uid_given_beforehand_is_kept(store: Store) -> None:
    assert text(store.create(deployment(1, uid="mine")), "metadata.uid") == "mine"


def test_only_a_change_of_the_spec_raises_the_generation(store: Store) -> None:
    store.create(deployment(1))
    assert number(store.update(deployment(1, note="x")), "metadata.generation") == 1
    assert number(store.update({**deployment(1), "status": {}}), "metadata.generation") == 1
    assert number(store.update(deployment(2)), "metadata.generation") == 2


def test_an_update_keeps_uid_and_time_of_creation(store: Store) -> None:
    made = store.create(deployment(1))
    after = store.update(deployment(2, uid="other"))
    assert text(after, "metadata.uid") == text(made, "metadata.uid")


def test_what_somebody_else_changed_is_not_overwritten(store: Store) -> None:
    made = store.create(config_map("a", key="1"))
    seen = text(made, "metadata.resourceVersion")
    store.update(config_map("a", key="2"), expect=seen)
    with pytest.raises(StatusError, match="the object has been modified"):
        store.update(config_map("a", key="3"), expect=seen)


def test_a_change_that_changes_nothing_is_told_to_nobody(store: Store) -> None:
    made = store.create(config_map("a", key="1"))
    told: list[str] = []
    store.listen(lambda change: told.append(change.type))
    assert store.update(config_map("a", key="1")) == made
    assert told == []


async def test_a_watch_tells_in_order_what_happened_since_a_version(store: Store) -> None:
    store.create(config_map("before"))
    since = store.version
    store.create(config_map("a", key="1"))
    store.create(deployment(1))
    watching = store.watch(["configmaps"], since)
    store.update(config_map("a", key="2"))
    store.remove("configmaps", "a", "default")
    watching.close()
    told = [(change.type, text(change.object, "data.key")) async for change in watching]
    assert told == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


async def test_a_watch_that_is_never_read_is_cut_off_and_others_are_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sandbox.store.store.BACKLOG", 50)
    unread, read = store.watch(["configmaps"]), store.watch(["configmaps"])
    store.create(config_map("a"))
    for number_ in range(60):
        store.update(config_map("a", key=str(number_)))
        await read.next()
    assert len([change async for change in unread]) == 50
    store.update(config_map("a", key="last"))
    assert await read.next() is not None
    read.close()


def test_a_watch_from_too_long_ago_must_list_anew(store: Store) -> None:
    store.create(config_map("a"))
    since = store.version
    for count in range(HISTORY + 2):
        store.update(config_map("a", key=str(count)))
    with pytest.raises(StatusError) as gone:
        store.watch(["configmaps"], since)
    assert (gone.value.code, gone.value.reason) == (410, "Expired")


def test_a_snapshot_brings_back_objects_and_goes_on_counting(store: Store) -> None:
    made = store.create(config_map("a", key="1"))
    again = Store(Kinds())
    again.load(store.dump(), store.version)
    assert again.get("configmaps", "a", "default") == made
    assert int(text(again.create(config_map("b")), "metadata.resourceVersion")) > store.version


def test_a_crd_adds_a_kind_and_takes_it_away(store: Store) -> None:
    version: Obj = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}}
    names: Obj = {"kind": "Mesh", "plural": "meshes", "singular": "mesh", "shortNames": ["me"]}
    spec: Obj = {
        "group": "example.org",
        "scope": "Namespaced",
        "names": names,
        "versions": [{"name": "v1beta1", "served": True, "storage": False}, version],
    }
    kind = kind_of_crd({"spec": spec})
    store.kinds.add(kind)
    assert (kind.resource, kind.versions) == ("meshes.example.org", ("v1", "v1beta1"))
    old: Obj = {"apiVersion": "example.org/v1beta1", "kind": "Mesh", "metadata": {"name": "m"}}
    assert store.kinds.of(old) == kind
    store.kinds.remove(kind.resource)
    with pytest.raises(StatusError, match=r"example\.org/v1beta1 Mesh"):
        store.create(old)


def test_a_dry_run_tells_what_would_be_and_stores_nothing(store: Store) -> None:
    kept = store.create(deployment(1))
    tried = store.update({**kept, "spec": {"replicas": 2}}, dry_run=True)
    assert number(tried, "metadata.generation") == 2
    assert text(tried, "metadata.resourceVersion") == text(kept, "metadata.resourceVersion")
    other = store.create({**deployment(1), "metadata": {"name": "other"}}, dry_run=True)
    assert text(other, "metadata.uid")
    assert "resourceVersion" not in table(other, "metadata")
    assert store.list("deployments.apps") == [kept]
