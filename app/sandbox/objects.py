"""Kubernetes objects as plain data, and the few ways of reading them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Obj: TypeAlias = dict[str, Json]


def at(obj: Json, path: str) -> Json:
    """Return the field at a dotted path (`spec.template`, `status.containers.0`), else None."""
    for part in path.split("."):
        if isinstance(obj, dict):
            obj = obj.get(part)
        elif isinstance(obj, list) and part.isdigit() and int(part) < len(obj):
            obj = obj[int(part)]
        else:
            return None
    return obj


def text(obj: Json, path: str, default: str = "") -> str:
    """Return the string at a path; `default` where it is something else or not there."""
    value = at(obj, path)
    return value if isinstance(value, str) else default


def number(obj: Json, path: str, default: int = 0) -> int:
    """Return the integer at a path; `default` where it is something else or not there."""
    value = at(obj, path)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def table(obj: Json, path: str) -> Obj:
    """Return the object at a path, empty where there is none."""
    value = at(obj, path)
    return value if isinstance(value, dict) else {}


def items(obj: Json, path: str) -> list[Obj]:
    """Return the objects of the list at a path; what is no object in it is left out."""
    value = at(obj, path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(obj: Json, path: str) -> dict[str, str]:
    """Return the string fields of the object at a path (labels, annotations, selectors)."""
    return {key: value for key, value in table(obj, path).items() if isinstance(value, str)}


def words(obj: Json, path: str) -> list[str]:
    """Return the strings of the list at a path (args, hosts)."""
    value = at(obj, path)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def name_of(obj: Json) -> str:
    """Return metadata.name."""
    return text(obj, "metadata.name")


def namespace_of(obj: Json) -> str:
    """Return metadata.namespace, empty for what has none."""
    return text(obj, "metadata.namespace")


def labels_of(obj: Json) -> dict[str, str]:
    """Return metadata.labels."""
    return strings(obj, "metadata.labels")


def annotations_of(obj: Json) -> dict[str, str]:
    """Return metadata.annotations."""
    return strings(obj, "metadata.annotations")


def owner_uids(obj: Json) -> set[str]:
    """Return the uids of what owns an object."""
    return {text(owner, "uid") for owner in items(obj, "metadata.ownerReferences")}


def is_ending(obj: Json) -> bool:
    """Whether the object has been deleted and waits for its finalizers or its grace period."""
    return at(obj, "metadata.deletionTimestamp") is not None


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every pair of an equality selector is among the labels; an empty one selects none."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def stamp(when: datetime | None = None) -> str:
    """Return a time as Kubernetes writes it: UTC, to the second."""
    return (when or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(written: str) -> datetime:
    """Return the time that Kubernetes wrote. Raises: ValueError."""
    return datetime.fromisoformat(re.sub(r"Z$", "+00:00", written))
