"""A Kubernetes object as plain data, with typed ways into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Object:
    """One object, or a part of one. Paths are dotted: `spec.http.0.route`."""

    raw: Mapping[str, Json]

    def at(self, path: str) -> Json:
        """Return what stands at the path, None where there is nothing."""
        found: Json | Mapping[str, Json] = self.raw
        for key in path.split("."):
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
                found = found[int(key)]
            else:
                return None
        return found if not isinstance(found, Mapping) else dict(found)

    def text(self, path: str, default: str = "") -> str:
        """Return a string; numbers and booleans as YAML writes them."""
        found = self.at(path)
        if found is None or isinstance(found, list | dict):
            return default
        return str(found).lower() if isinstance(found, bool) else str(found)

    def number(self, path: str) -> float | None:
        """Return a number, None where there is none."""
        found = self.at(path)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return float(found) if is_number else None  # type: ignore[arg-type]

    def parts(self, path: str) -> list[Object]:
        """Return a list of mappings as objects; empty where there is none."""
        found = self.at(path)
        items = found if isinstance(found, list) else []
        return [Object(item) for item in items if isinstance(item, dict)]

    def texts(self, path: str) -> list[str]:
        """Return a list of scalars as strings; empty where there is none."""
        found = self.at(path)
        items = found if isinstance(found, list) else []
        return [str(item) for item in items if not isinstance(item, list | dict)]

    def strings(self, path: str) -> dict[str, str]:
        """Return a mapping of strings, such as labels or a selector; empty where there is none."""
        found = self.at(path)
        return {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    @property
    def kind(self) -> str:
        return self.text("kind")

    @property
    def name(self) -> str:
        return self.text("metadata.name")

    @property
    def namespace(self) -> str:
        return self.text("metadata.namespace")

    @property
    def uid(self) -> str:
        return self.text("metadata.uid")

    @property
    def labels(self) -> dict[str, str]:
        return self.strings("metadata.labels")

    @property
    def annotations(self) -> dict[str, str]:
        return self.strings("metadata.annotations")

    @property
    def is_terminating(self) -> bool:
        """Whether it is being deleted."""
        return bool(self.text("metadata.deletionTimestamp"))

    @property
    def created(self) -> datetime:
        """When the API server created it (UTC, whole seconds); the epoch where unknown."""
        stamp = self.text("metadata.creationTimestamp")
        return datetime.fromisoformat(stamp) if stamp else datetime.fromtimestamp(0, UTC)


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Return whether the labels carry all that the selector asks; an empty one matches nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())
