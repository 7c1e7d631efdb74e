"""Volumes: the files that a pod's containers find where they are mounted."""

import base64
import secrets
from collections.abc import Mapping
from typing import TypeAlias

from app.sandbox.kubelet.environment import field_of, resource_of
from app.sandbox.objects import Obj, at, items, namespace_of, strings, table, text
from app.sandbox.shell.files import Files, Shared
from app.sandbox.store.store import Store

Content: TypeAlias = dict[str, bytes]
TYPES = ("configMap", "secret", "emptyDir", "downwardAPI", "projected")


class MountError(Exception):
    """A volume that cannot be set up (yet): the sentence of the event FailedMount."""


def contents(store: Store, pod: Obj, addresses: Obj) -> dict[str, Content]:
    """Return each volume's files by their relative path. Raises: MountError."""
    found: dict[str, Content] = {}
    for volume in items(pod, "spec.volumes"):
        name = text(volume, "name")
        try:
            found[name] = _of_volume(store, pod, volume, addresses)
        except MountError as missing:
            raise MountError(f'MountVolume.SetUp failed for volume "{name}" : {missing}') from None
    return found


def renew(store: Store, pod: Obj, addresses: Obj, volumes: Mapping[str, Content]) -> list[str]:
    """Put what ConfigMaps, Secrets and labels say now into volumes that are mounted already.

    Returns the sentences of events about what is missing; such a volume stays as it was.
    """
    told = []
    for volume in items(pod, "spec.volumes"):
        name = text(volume, "name")
        had = volumes.get(name)
        if had is None or isinstance(had, Shared):
            continue
        try:
            fresh = _of_volume(store, pod, volume, addresses)
        except MountError as missing:
            told.append(f'MountVolume.SetUp failed for volume "{name}" : {missing}')
            continue
        fresh |= {path: had[path] for path in _tokens(volume) if path in had}
        if fresh != had:
            had.clear()
            had.update(fresh)
    return told


def _tokens(volume: Obj) -> list[str]:
    """Return the paths of the tokens in a volume: these stay as they are."""
    sources = [table(one, "serviceAccountToken") for one in items(volume, "projected.sources")]
    return [text(one, "path", "token") for one in sources if one]


def mount(files: Files, container: Obj, volumes: Mapping[str, Content]) -> None:
    """Put a container's volumes where it mounts them, the outer before the inner."""
    mounts = items(container, "volumeMounts")
    for one in sorted(mounts, key=lambda one: text(one, "mountPath").count("/")):
        content = volumes.get(text(one, "name"), {})
        where, part = text(one, "mountPath"), text(one, "subPath").strip("/")
        if part in content:
            files.put(where, content[part])
        elif part:
            inside = f"{part}/"
            below = {
                path.removeprefix(inside): data
                for path, data in content.items()
                if path.startswith(inside)
            }
            files.mount(where, below)
        else:
            files.mount(where, content, is_read_only=one.get("readOnly") is True)


def _of_volume(store: Store, pod: Obj, volume: Obj, addresses: Obj) -> Content:
    kind = next((field for field in TYPES if field in volume), "")
    source = table(volume, kind) if kind else {}
    if kind == "emptyDir":
        return Shared()
    if kind == "projected":
        found: Content = {}
        for part in items(source, "sources"):
            found |= _of_source(store, pod, part, addresses)
        return found
    if kind == "secret":
        return _keyed(store, pod, "secret", text(source, "secretName"), source)
    if kind == "configMap":
        return _keyed(store, pod, "configmap", text(source, "name"), source)
    if kind == "downwardAPI":
        return _downward(store, pod, source, addresses)
    other = next((field for field in volume if field != "name"), "emptyDir")
    if other == "emptyDir":
        return Shared()
    raise MountError(f"the sandbox has no volumes of the type {other}")


def _of_source(store: Store, pod: Obj, part: Obj, addresses: Obj) -> Content:
    if "configMap" in part:
        source = table(part, "configMap")
        return _keyed(store, pod, "configmap", text(source, "name"), source)
    if "secret" in part:
        source = table(part, "secret")
        return _keyed(store, pod, "secret", text(source, "name"), source)
    if "downwardAPI" in part:
        return _downward(store, pod, table(part, "downwardAPI"), addresses)
    if "serviceAccountToken" in part:
        # No server takes it: a program of the sandbox asks the API server nothing.
        path = text(part, "serviceAccountToken.path", "token")
        return {path: secrets.token_urlsafe(32).encode()}
    return {}


def _keyed(store: Store, pod: Obj, kind: str, name: str, source: Obj) -> Content:
    """Return the files of a ConfigMap or Secret, all keys or those that are asked for."""
    optional = source.get("optional") is True
    obj = store.get(f"{kind}s", name, namespace_of(pod))
    if obj is None:
        if optional:
            return {}
        raise MountError(f'{kind} "{name}" not found')
    data = bytes_of(obj)
    asked = items(source, "items")
    if not asked:
        return data
    found: Content = {}
    for item in asked:
        key = text(item, "key")
        if key in data:
            found[text(item, "path")] = data[key]
        elif not optional:
            kept = "configmap references" if kind == "configmap" else "references"
            which = "config" if kind == "configmap" else "secret"
            raise MountError(f"{kept} non-existent {which} key: {key}")
    return found


def bytes_of(obj: Obj) -> Content:
    """Return a ConfigMap's or Secret's data as bytes."""
    if obj.get("kind") == "Secret":
        return {key: base64.b64decode(value) for key, value in strings(obj, "data").items()}
    binary = strings(obj, "binaryData").items()
    plain = {key: value.encode() for key, value in strings(obj, "data").items()}
    return plain | {key: base64.b64decode(value) for key, value in binary}


def _downward(store: Store, pod: Obj, source: Obj, addresses: Obj) -> Content:
    found: Content = {}
    for item in items(source, "items"):
        if at(item, "fieldRef") is not None:
            value = field_of(pod, text(item, "fieldRef.fieldPath"), addresses)
        else:
            value = resource_of(store, pod, {}, table(item, "resourceFieldRef"))
        found[text(item, "path")] = value.encode()
    return found
