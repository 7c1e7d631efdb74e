"""The entries of `metadata.managedFields`: who, how, through which part, and which fields."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.sandbox.objects import Obj, items, stamp, text
from app.sandbox.registry.fields.comparing import Difference
from app.sandbox.registry.fields.sets import Set, difference, union

MOST_UPDATERS: Final = 10  # then the oldest become one, as in Kubernetes
ANCIENT: Final = "ancient-changes"
APPLY, UPDATE = "Apply", "Update"


@dataclass(frozen=True)
class Manager:
    """Who manages fields. An applier is the same one in every version of the API."""

    name: str
    operation: str = UPDATE
    api_version: str = ""
    subresource: str = ""

    @property
    def identity(self) -> "Manager":
        """Return what tells this manager from others."""
        return replace(self, api_version="") if self.operation == APPLY else self

    def __str__(self) -> str:
        """Return the manager as a conflict names it."""
        part = f' with subresource "{self.subresource}"' if self.subresource else ""
        using = f" using {self.api_version}" if self.operation == UPDATE else ""
        return f'"{self.name}"{part}{using}'


@dataclass(frozen=True)
class Entry:
    """The fields of one manager, the version in which it wrote them, and when."""

    fields: Set
    api_version: str
    time: str = ""


Entries: TypeAlias = Mapping[Manager, Entry]


def read(obj: Obj | None) -> dict[Manager, Entry]:
    """Return an object's entries; none where one of them cannot be read."""
    found: dict[Manager, Entry] = {}
    for one in items(obj, "metadata.managedFields"):
        manager = Manager(
            text(one, "manager"),
            text(one, "operation"),
            text(one, "apiVersion"),
            text(one, "subresource"),
        )
        fields = one.get("fieldsV1")
        if not isinstance(fields, dict) or manager.operation not in (APPLY, UPDATE):
            return {}
        if fields:
            entry = Entry(fields, manager.api_version, text(one, "time"))
            found[manager.identity] = entry
    return found


def written(entries: Entries) -> list[Obj]:
    """Return entries as the metadata has them: appliers first, then by time and name."""
    made: list[Obj] = [
        {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": entry.api_version,
            **({"time": entry.time} if entry.time else {}),
            "fieldsType": "FieldsV1",
            "fieldsV1": entry.fields,
            **({"subresource": manager.subresource} if manager.subresource else {}),
        }
        for manager, entry in entries.items()
        if entry.fields is not None
    ]
    order = ("operation", "time", "manager", "apiVersion", "subresource")
    return sorted(made, key=lambda one: tuple(text(one, field) for field in order))


def after_update(entries: Entries, who: Manager, found: Difference, *, timed: bool) -> Entries:
    """Return the entries after somebody wrote: what changed is theirs alone."""
    left = _left(entries, found)
    if found.changed is not None:
        before = left.get(who.identity)
        fields = union(before.fields, found.changed) if before else found.changed
        left[who.identity] = Entry(fields, who.api_version, stamp() if timed else "")
    return _capped(left)


def after_apply(
    entries: Entries, who: Manager, applied: Set, found: Difference
) -> dict[Manager, Entry]:
    """Return the entries after somebody applied a set of fields; `found`: what it changed."""
    before = entries.get(who.identity)
    others = {manager: entry for manager, entry in entries.items() if manager != who.identity}
    left = _left(others, found)
    kept = before.time if before is not None else ""
    time = kept if found == Difference() else stamp()
    left[who.identity] = Entry(applied, who.api_version, time)
    return left


def _left(entries: Entries, found: Difference) -> dict[Manager, Entry]:
    """Return the entries without what was changed or removed."""
    if found == Difference():
        return dict(entries)
    left: dict[Manager, Entry] = {}
    for manager, entry in entries.items():
        fields = difference(difference(entry.fields, found.changed), found.removed)
        if fields is not None:
            left[manager] = replace(entry, fields=fields)
    return left


def _capped(entries: dict[Manager, Entry]) -> dict[Manager, Entry]:
    """Make one entry of the oldest updaters where there are too many; parts keep theirs."""
    updaters = sorted(
        (one for one in entries if one.operation == UPDATE and not one.subresource),
        key=lambda one: (entries[one].time, one.name),
    )
    if len(updaters) <= MOST_UPDATERS:
        return entries
    for one in updaters[: len(updaters) - MOST_UPDATERS + 1]:
        entry = entries.pop(one)
        ancient = Manager(ANCIENT, UPDATE, entry.api_version)
        had = entries.get(ancient)
        fields = union(had.fields, entry.fields) if had else entry.fields
        entries[ancient] = replace(entry, fields=fields)
    return entries
