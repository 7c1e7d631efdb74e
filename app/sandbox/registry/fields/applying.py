"""Applying on the server: an object's part put to it, for the fields that its manager wants.

Raises, all of it: StatusError 400, 409, 422 and 500, in the real server's words.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.sandbox.objects import Json, Obj, annotations_of, at, name_of, namespace_of, table, text
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.defaults.filling import copied
from app.sandbox.registry.fields import managers
from app.sandbox.registry.fields.checking import faults
from app.sandbox.registry.fields.comparing import compared, fields_of
from app.sandbox.registry.fields.managers import Entry, Manager
from app.sandbox.registry.fields.merging import merged, pruned
from app.sandbox.registry.fields.sets import Set, difference, intersection, paths, union
from app.sandbox.registry.fields.tracking import Tracker, ignored_of, managed
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.status import Cause, StatusError, bad_request, invalid
from app.sandbox.store.kinds import Kind

KUBECTL: Final = "kubectl"
LAST: Final = "kubectl.kubernetes.io/last-applied-configuration"
Entries = dict[Manager, Entry]


@dataclass(frozen=True)
class Applied:
    """What applying made: the object, and its entries."""

    object: Obj
    entries: Entries


class Applier:
    """Puts applied configurations to objects of all kinds."""

    def __init__(self, schemas: Schemas, tracker: Tracker) -> None:
        self._schemas = schemas
        self._tracker = tracker

    def applied(
        self, kind: Kind, live: Obj, config: Json, ask: Ask, subresource: str = ""
    ) -> Applied:
        """Return the live object with the configuration applied; an empty one is a new object."""
        body = _checked(config, ask)
        version = text(body, "apiVersion")
        root = self._schemas.root(kind, version.rpartition("/")[2])
        _check_type(kind, body, faults(self._tracker.topology, root, body))
        who = Manager(ask.field_manager, managers.APPLY, version, subresource)
        entries = self._tracker.entries(kind, live)
        wanted = managed(body, ignored_of(kind, subresource))
        if not wanted["metadata"]:
            del wanted["metadata"]
        fields = fields_of(self._tracker.topology, root, wanted)
        done = self._done(kind, live, body, fields, who, entries)
        found = self._tracker.difference(kind, live, done, subresource)
        conflicts = {
            manager: clash
            for manager, entry in entries.items()
            if manager != who.identity and (clash := intersection(entry.fields, found.changed))
            is not None
        }  # fmt: skip
        if conflicts and not ask.force and not self._may(kind, live, who, conflicts):
            raise _conflict(conflicts)
        return Applied(
            _noted(done, live, body, who), managers.after_apply(entries, who, fields, found)
        )

    def _done(
        self, kind: Kind, live: Obj, body: Obj, fields: Set, who: Manager, entries: Entries
    ) -> Obj:
        """Return the object as it shall be, without what its manager gave up."""
        topology = self._tracker.topology
        root = self._schemas.root(kind, who.api_version.rpartition("/")[2])
        after = merged(topology, root, live, _without_uid(body))
        before = entries.get(who.identity)
        if before is not None:
            owned = fields
            for manager, entry in entries.items():
                if manager != who.identity:
                    owned = union(owned, entry.fields)
            after = pruned(topology, root, after, before.fields, owned)
        return after if isinstance(after, dict) else {}

    def _may(self, kind: Kind, live: Obj, who: Manager, conflicts: Mapping[Manager, Set]) -> bool:
        """Whether all conflicts are with what kubectl itself applied on the client's side."""
        told = annotations_of(live).get(LAST, "")
        if who.name != KUBECTL or not told:
            return False
        try:
            last = json.loads(told)
        except ValueError:
            return False
        if not isinstance(last, dict):
            return False
        topology = self._tracker.topology
        root = self._schemas.root(kind, text(live, "apiVersion").rpartition("/")[2])
        wanted = managed(last, ())
        differs = compared(topology, root, managed(live, ()), wanted)
        ours = difference(fields_of(topology, root, wanted), differs.changed)
        return all(difference(one, ours) is None for one in conflicts.values())


def _checked(config: Json, ask: Ask) -> Obj:
    if not ask.field_manager:
        said = "is required for apply patch"
        cause = Cause("fieldManager", f"Required value: {said}", "FieldValueRequired")
        raise invalid("PatchOptions", "meta.k8s.io", "", [cause])
    if not isinstance(config, dict):
        raise bad_request("error decoding YAML: an applied configuration is an object")
    if at(config, "metadata.managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    return copied(config)


def _check_type(kind: Kind, body: Obj, found: Iterator[str]) -> None:
    told = list(found)
    if not told:
        return
    group, _, version = text(body, "apiVersion").rpartition("/")
    name = f"{namespace_of(body)}/{name_of(body)}"
    said = told[0] if len(told) == 1 else "\n".join(["errors:", *(f"  {one}" for one in told)])
    message = (
        f"failed to create typed patch object ({name}; {group}/{version}, Kind={kind.kind}): {said}"
    )
    raise StatusError(500, "", message)


def _without_uid(body: Obj) -> Obj:
    meta = {
        name: value
        for name, value in table(body, "metadata").items()
        if name not in ("creationTimestamp", "managedFields")
    }
    return {**body, "metadata": meta}


def _noted(done: Obj, live: Obj, body: Obj, who: Manager) -> Obj:
    """Return the object with kubectl's note of what was applied, where there was one."""
    if who.name != KUBECTL or LAST not in annotations_of(live):
        return done
    notes: Obj = {**annotations_of(done), LAST: _written(body)}
    return {**done, "metadata": {**table(done, "metadata"), "annotations": notes}}


def _written(body: Obj) -> str:
    """Return a configuration as kubectl notes it down."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def _conflict(conflicts: Mapping[Manager, Set]) -> StatusError:
    clashes = sorted(
        ((manager, path) for manager, clash in conflicts.items() for path in paths(clash)),
        key=lambda one: (str(one[0]), one[1]),
    )
    causes: list[Json] = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": path}
        for who, path in clashes
    ]
    return StatusError(409, "Conflict", _told(clashes), {"causes": causes})


def _told(clashes: Collection[tuple[Manager, str]]) -> str:
    if len(clashes) == 1:
        who, path = next(iter(clashes))
        return f"Apply failed with 1 conflict: conflict with {who}: {path}"
    lines: list[str] = []
    for manager in dict.fromkeys(who for who, _ in clashes):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {path}" for who, path in clashes if who == manager]
    return f"Apply failed with {len(clashes)} conflicts: " + "\n".join(lines)
