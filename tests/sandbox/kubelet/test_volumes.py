"""What containers find in their volumes."""

import base64

import pytest
from sandbox.kubelet.node import config_map, container, pod

from app.sandbox.kubelet.volumes import MountError, contents, mount, renew
from app.sandbox.objects import Json, Obj
from app.sandbox.shell.files import Files, Unwritable
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store


@pytest.fixture
def store() -> Store:
    made = Store(Kinds())
    made.create(config_map("settings", {"a.conf": "A", "b.conf": "B"}))
    secret: Obj = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "hidden", "namespace": "default"},
        "data": {"key": base64.b64encode(b"\x00\xff").decode()},
    }
    made.create(secret)
    return made


def found(store: Store, **volume: Json) -> dict[str, bytes]:
    return contents(store, pod(volumes=[{"name": "v", **volume}]), {})["v"]


def test_each_kind_of_volume_gives_its_files(store: Store) -> None:
    assert found(store, configMap={"name": "settings"}) == {"a.conf": b"A", "b.conf": b"B"}
    assert found(store, secret={"secretName": "hidden"}) == {"key": b"\x00\xff"}
    assert found(store, emptyDir={}) == {}
    item: Obj = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
    assert found(store, downwardAPI={"items": [item]}) == {"labels": b'app="web"'}


def test_a_projected_volume_gathers_several(store: Store) -> None:
    some: Obj = {"name": "settings", "items": [{"key": "a.conf", "path": "deep/a"}]}
    sources: list[Json] = [{"configMap": some}, {"secret": {"name": "hidden"}}]
    made = found(store, projected={"sources": [*sources, {"serviceAccountToken": {"path": "t"}}]})
    assert made["deep/a"] == b"A"
    assert made["key"] == b"\x00\xff"
    assert made["t"]


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        ({"configMap": {"name": "nobody"}}, 'configmap "nobody" not found'),
        ({"secret": {"secretName": "nobody"}}, 'secret "nobody" not found'),
        (
            {"configMap": {"name": "settings", "items": [{"key": "c", "path": "c"}]}},
            "configmap references non-existent config key: c",
        ),
        ({"hostPath": {"path": "/"}}, "the sandbox has no volumes of the type hostPath"),
    ],
)
def test_what_is_missing_is_named(store: Store, volume: Obj, told: str) -> None:
    with pytest.raises(MountError) as missing:
        found(store, **volume)
    assert str(missing.value) == f'MountVolume.SetUp failed for volume "v" : {told}'


def test_what_is_optional_may_be_missing(store: Store) -> None:
    assert found(store, configMap={"name": "nobody", "optional": True}) == {}


def test_a_sub_path_puts_one_file_beside_the_images_own() -> None:
    files = Files({"/etc/app/own.conf": b"own"})
    mounts: list[Json] = [
        {"name": "v", "mountPath": "/etc/app/a.conf", "subPath": "a.conf"},
        {"name": "v", "mountPath": "/data"},
        {"name": "v", "mountPath": "/deep", "subPath": "deep"},
    ]
    content = {"v": {"a.conf": b"A", "deep/b": b"B"}}
    mount(files, container(volumeMounts=mounts), content)
    assert files.read("/etc/app/own.conf") == b"own"
    assert files.read("/etc/app/a.conf") == b"A"
    assert files.read("/data/deep/b") == files.read("/deep/b") == b"B"


def test_mounted_volumes_follow_what_they_show_and_single_files_do_not(store: Store) -> None:
    keyed: Obj = {"name": "settings", "items": [{"key": "b.conf", "path": "deep/b"}]}
    sources: list[Json] = [{"configMap": keyed}, {"serviceAccountToken": {"path": "t"}}]
    whole: Obj = {"name": "v", "configMap": {"name": "settings"}}
    gathered: Obj = {"name": "p", "projected": {"sources": sources}}
    made = pod(volumes=[whole, gathered, {"name": "e", "emptyDir": {}}])
    content = contents(store, made, {})
    mounts: list[Json] = [
        {"name": "v", "mountPath": "/v"},
        {"name": "p", "mountPath": "/v/inside"},
        {"name": "v", "mountPath": "/one", "subPath": "a.conf"},
        {"name": "e", "mountPath": "/e"},
    ]
    files = Files()
    mount(files, container(volumeMounts=mounts), content)
    files.write("/e/own", b"kept")
    token = files.read("/v/inside/t")
    changed = config_map("settings", {"a.conf": "new", "b.conf": "B2", "c.conf": "C"})
    before = store.get("configmaps", "settings", "default") or {}
    store.update({**before, "data": changed["data"]})
    assert renew(store, made, {}, content) == []
    assert files.names("/v") == ["a.conf", "b.conf", "c.conf", "inside"]
    assert (files.read("/v/a.conf"), files.read("/one")) == (b"new", b"A")
    assert (files.read("/v/inside/deep/b"), files.read("/v/inside/t")) == (b"B2", token)
    assert files.read("/e/own") == b"kept"
    with pytest.raises(Unwritable, match="Read-only file system"):
        files.write("/v/a.conf", b"mine")
    store.remove("configmaps", "settings", "default")
    missing = 'failed for volume "v" : configmap "settings" not found'
    assert renew(store, made, {}, content)[0].endswith(missing)
    assert files.read("/v/a.conf") == b"new"
