"""What containers find in their volumes."""

import base64

import pytest
from sandbox.kubelet.node import config_map, container, pod

from app.sandbox.kubelet.volumes import MountError, contents, mount
from app.sandbox.objects import Json, Obj
from app.sandbox.shell.files import Files
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
