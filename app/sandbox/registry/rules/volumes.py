"""Rules of a pod's volumes and of what its containers mount."""

from collections.abc import Iterator

from app.sandbox.objects import Obj, items, text
from app.sandbox.registry.causes import barred, missing, required, twice, wrong
from app.sandbox.registry.names import label_faults
from app.sandbox.status import Cause


def mount_causes(container: Obj, field: str, volumes: set[str]) -> Iterator[Cause]:
    """Yield what is wrong in a container's mounts; `volumes` are the pod's, by name."""
    paths: set[str] = set()
    for place, mount in enumerate(items(container, "volumeMounts")):
        here = f"{field}[{place}]"
        name, path = text(mount, "name"), text(mount, "mountPath")
        if not name:
            yield required(f"{here}.name")
        if name not in volumes:
            yield missing(f"{here}.name", name)
        if not path:
            yield required(f"{here}.mountPath")
        elif path in paths:
            yield wrong(f"{here}.mountPath", path, "must be unique")
        paths.add(path)
        inner = text(mount, "subPath")
        if inner.startswith("/"):
            yield wrong(f"{field}.subPath", inner, "must be a relative path")


def volume_causes(spec: Obj, field: str) -> Iterator[Cause]:
    """Yield what is wrong in a pod's volumes."""
    names: set[str] = set()
    for place, volume in enumerate(items(spec, "volumes")):
        name = text(volume, "name")
        if not name:
            yield required(f"{field}[{place}].name")
        elif faults := label_faults(name):
            yield from (wrong(f"{field}[{place}].name", name, fault) for fault in faults)
        elif name in names:
            yield twice(f"{field}[{place}].name", name)
        names.add(name)
        sources = [key for key in volume if key != "name"]
        for extra in sources[1:]:
            yield barred(f"{field}[{place}].{extra}", "may not specify more than 1 volume type")
        if isinstance(volume.get("hostPath"), dict) and not text(volume, "hostPath.path"):
            yield required(f"{field}[{place}].hostPath.path")
        for kind in ("configMap", "secret"):
            for number, item in enumerate(items(volume, f"{kind}.items")):
                for key in ("key", "path"):
                    if not text(item, key):
                        yield required(f"{field}[{place}].{kind}.items[{number}].{key}")
        if isinstance(volume.get("configMap"), dict) and not text(volume, "configMap.name"):
            yield required(f"{field}[{place}].configMap.name")
        if isinstance(volume.get("secret"), dict) and not text(volume, "secret.secretName"):
            yield required(f"{field}[{place}].secret.secretName")
