"""Who wrote what: kept for every write, by whoever it is done."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from app.sandbox.objects import Json, Obj, at, items, labels_of, table, text
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.defaults.filling import copied
from app.sandbox.registry.defaults.kinds import fill_in
from app.sandbox.registry.fields import managers
from app.sandbox.registry.fields.beginnings import empty
from app.sandbox.registry.fields.comparing import ABSENT, SAME, Difference, compared, fields_of
from app.sandbox.registry.fields.managers import Entries, Manager
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.schemas.topology import Topology
from app.sandbox.store.kinds import Kind

# What the server writes in the metadata itself, and nobody manages.
UNMANAGED: Final = frozenset(
    (
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "generation",
        "managedFields",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    )
)
CONTROLLERS: Final = "kube-controller-manager"
ISTIOD: Final = "pilot-discovery"
# What a kind's defaults put there that nobody asked for, and nobody manages.
MADE_UP: Final[dict[str, tuple[str, ...]]] = {
    "namespaces": ("spec.finalizers",),
    "services": ("spec.ipFamilies", "spec.ipFamilyPolicy"),
    "jobs.batch": ("metadata.labels", "spec.selector", "spec.template.metadata.labels"),
}
KEPT: Final = 1_000  # entries of which equal ones are kept once
COUNTED: Final = "deployments.apps"  # its controller writes annotations along with the status


class Tracker:
    """Keeps `managedFields`: of every write its difference, and whose it is."""

    def __init__(self, schemas: Schemas) -> None:
        self.topology = Topology(schemas.types)
        self._schemas = schemas
        self._same: dict[str, Obj] = {}

    def created(self, kind: Kind, obj: Obj, ask: Ask) -> list[Json]:
        """Return the entries of a new object: all its fields are its maker's."""
        who = _manager(ask, kind, text(obj, "apiVersion"), "")
        found = self._difference(kind, empty(kind.resource), obj, "")
        if ask.applies:
            return self.kept(self._as_applied({}, kind, obj, who, found))
        return self.kept(managers.after_update({}, who, found, timed=True))

    def changed(
        self, kind: Kind, before: Obj, after: Obj, ask: Ask, subresource: str = ""
    ) -> list[Json]:
        """Return the entries of a changed object; those that come with it are taken first."""
        part = subresource if subresource in ("status", "scale") else ""
        version = text(after, "apiVersion")
        entries = self._given(before, after)
        found = self._difference(kind, before, after, part)
        if found == SAME and entries is None:
            return self.kept_of(before)
        had = self.entries(kind, before) if entries is None else entries
        who = _manager(ask, kind, version, part)
        if ask.applies:
            return self.kept(self._as_applied(had, kind, after, who, found))
        return self.kept(managers.after_update(had, who, found, timed=part != "scale"))

    def entries(self, kind: Kind, obj: Obj) -> dict[Manager, managers.Entry]:
        """Return an object's entries; of one without any, all fields are an earlier writer's."""
        found = managers.read(obj)
        if found or not at(obj, "metadata.uid"):
            return found
        fields = self._difference(kind, empty(kind.resource), obj, "").changed
        version = text(obj, "apiVersion")
        who = Manager("before-first-apply", managers.UPDATE, version)
        return {who: managers.Entry(fields, version)}

    def stored(self, kind: Kind, obj: Obj, before: Obj | None) -> list[Json]:
        """Return the entries after one of this sandbox's own controllers wrote to the store."""
        ask = Ask(field_manager=_writer(kind, obj))
        if before is None:
            return self.created(kind, filled_in(kind, obj), ask)
        is_bound = bool(text(obj, "spec.nodeName")) and not text(before, "spec.nodeName")
        if kind.resource == "pods" and is_bound:
            return self.kept_of(before)  # a binding is no write of fields
        part = "status" if obj.get("status") != before.get("status") else ""
        return self.changed(kind, before, obj, ask, part or _part(kind))

    def kept(self, entries: Entries) -> list[Json]:
        """Return entries as the metadata has them; equal sets of fields are one in memory."""
        found: list[Json] = []
        for one in managers.written(entries):
            fields = table(one, "fieldsV1")
            mark = json.dumps(fields, sort_keys=True, separators=(",", ":"))
            if mark not in self._same:
                if len(self._same) >= KEPT:
                    self._same.clear()
                self._same[mark] = json.loads(mark)
            found.append({**one, "fieldsV1": self._same[mark]})
        return found

    def kept_of(self, obj: Obj) -> list[Json]:
        """Return the entries that an object has, as they are."""
        return [*items(obj, "metadata.managedFields")]

    def _as_applied(
        self, entries: Entries, kind: Kind, obj: Obj, who: Manager, found: Difference
    ) -> Entries:
        """Return the entries after a whole object was applied."""
        root = self._schemas.root(kind, who.api_version.rpartition("/")[2])
        fields = fields_of(self.topology, root, managed(obj, ignored_of(kind, "")))
        applier = replace(who, operation=managers.APPLY)
        return managers.after_apply(entries, applier, fields, found)

    def difference(self, kind: Kind, before: Obj, after: Obj, subresource: str) -> Difference:
        """Return what differs between two states, of what a write to that part may change."""
        return self._difference(kind, before, after, subresource)

    def _difference(self, kind: Kind, before: Obj, after: Obj, subresource: str) -> Difference:
        ignored = ignored_of(kind, subresource)
        root = self._schemas.root(kind, text(after, "apiVersion").rpartition("/")[2])
        return compared(
            self.topology, root, managed(before, ignored), managed(after, ignored) or ABSENT
        )

    def _given(self, before: Obj, after: Obj) -> dict[Manager, managers.Entry] | None:
        """Return the entries that a writer sent along; None where they are the object's own."""
        sent = at(after, "metadata.managedFields")
        if not isinstance(sent, list) or not sent or sent == self.kept_of(before):
            return None
        return {} if sent == [{}] else (managers.read(after) or None)


def ignored_of(kind: Kind, subresource: str) -> Collection[str]:
    """Return the parts of an object that a write does not reach."""
    if subresource == "status":
        return ("spec",)
    return ("status",) if "status" in kind.subresources else ()


def managed(obj: Obj, ignored: Collection[str]) -> Obj:
    """Return the part of an object whose fields have managers."""
    kept: Obj = {
        name: value
        for name, value in obj.items()
        if name not in ("apiVersion", "kind", "metadata", *ignored)
    }
    meta = {name: v for name, v in table(obj, "metadata").items() if name not in UNMANAGED}
    return {"metadata": meta, **kept}


def filled_in(kind: Kind, obj: Obj) -> Obj:
    """Return a copy with its defaults, without what the server makes up for itself."""
    after = copied(obj)
    fill_in(kind.resource, after)
    for place in MADE_UP.get(kind.resource, ()):
        parent, _, name = place.rpartition(".")
        asked = at(obj, place)
        if asked is None:
            table(after, parent).pop(name, None)
        else:
            table(after, parent)[name] = copied({name: asked})[name]
    return after


def _part(kind: Kind) -> str:
    return "status" if kind.resource == COUNTED else ""


def _writer(kind: Kind, obj: Obj) -> str:
    """Return the component that wrote, where the object tells."""
    if kind.resource == "events":
        return text(obj, "source.component")
    return ISTIOD if "istio.io/config" in labels_of(obj) else ""


def _manager(ask: Ask, kind: Kind, version: str, subresource: str) -> Manager:
    """Return who writes: whom the asker names, else the component whose work it is."""
    name = ask.field_manager
    if not name:
        is_kubelet = kind.resource in ("pods", "nodes") and subresource == "status"
        name = "kubelet" if is_kubelet or kind.plural in ("leases", "nodes") else CONTROLLERS
    return Manager(name, managers.UPDATE, version, subresource)
