"""The verbs on objects, each whole and at once."""

from app.sandbox.objects import Json, Obj, at, name_of, namespace_of, stamp, text
from app.sandbox.registry import deletion, idle, metadata, patching
from app.sandbox.registry.addresses import allocate
from app.sandbox.registry.ask import Admission, Ask, Patch
from app.sandbox.registry.decoding import TRUSTED, decoded
from app.sandbox.registry.defaults.filling import copied, inner
from app.sandbox.registry.defaults.kinds import fill_in
from app.sandbox.registry.defaults.others import crd_status
from app.sandbox.registry.defaults.pods import admit
from app.sandbox.registry.fields.applying import Applier
from app.sandbox.registry.fields.tracking import Tracker, filled_in
from app.sandbox.registry.names import made_up
from app.sandbox.registry.rules.kinds import causes
from app.sandbox.registry.rules.warnings import warnings
from app.sandbox.registry.status import keep_status, new_status
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.status import Cause, StatusError, conflict, exists, forbidden, invalid, not_found
from app.sandbox.store.kinds import Kind, Kinds, kind_of_crd
from app.sandbox.store.store import Change, Store

NOBODY = Ask()
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
ABSENT = "Mesh Dojo's sandbox has nothing that would act on it; a real cluster has"


class Registry:
    """What may be done to the store's objects. Raises, all of it: StatusError.

    An `Ask` of "system:sandbox" is trusted: its objects' fields are taken as they are.
    """

    def __init__(self, store: Store, schemas: Schemas | None = None) -> None:
        self.store = store
        self.schemas = schemas or Schemas(store.kinds)
        self.admission: list[Admission] = []
        self._tracker = Tracker(self.schemas)
        self._applier = Applier(self.schemas, self._tracker)
        store.track = self._tracker.stored
        store.listen(self._follow)

    @property
    def kinds(self) -> Kinds:
        """Return the kinds that there are."""
        return self.store.kinds

    def create(self, obj: Obj, ask: Ask = NOBODY, *, entries: list[Json] | None = None) -> Obj:
        """Return the new object as it is stored.

        `entries` are its managedFields where they are known: of what was applied.
        """
        kind = self._kind(obj)
        after = decoded(self.schemas, obj, ask)
        after["apiVersion"] = kind.api_version()
        metadata.begin(kind, after)
        metadata.check_namespace(self.store, kind, after)
        new_status(kind, after, trusted=ask.user == TRUSTED)
        managed = self._managed(kind, after, None, ask, "") if entries is None else entries
        after = self._admitted(kind, after, None, ask)
        if kind.is_absent:
            raise forbidden(kind.resource, name_of(after), ABSENT)
        if kind.resource == CRDS:
            after["status"] = crd_status(after, stamp())
        self._check(kind, after, None, ask)
        if self.store.get(kind.resource, *deletion.key_of(after)) is not None:
            raise exists(kind.resource, name_of(after))
        if (said := idle.warning(kind)) and ask.user != TRUSTED:
            ask.warnings.append(said)
        _note(after, managed)
        return self.store.create(after, dry_run=ask.dry_run, tracked=True)

    def update(self, obj: Obj, ask: Ask = NOBODY, *, subresource: str = "") -> Obj:
        """Return the changed object; `subresource` "status" changes its status alone."""
        kind = self._kind(obj)
        before = self._found(kind, name_of(obj), namespace_of(obj))
        after = decoded(self.schemas, obj, ask)
        after["apiVersion"] = kind.api_version()
        self._check_version(kind, after, ask)
        return self._updated(kind, after, before, ask, subresource)

    def patch(
        self,
        resource: str,
        name: str,
        namespace: str,
        patch: Patch,
        ask: Ask = NOBODY,
        *,
        subresource: str = "",
        version: str = "",
    ) -> Obj:
        """Return the object after the patch, which is of the API version that it is put to."""
        kind = self._kind_named(resource)
        if patch.type == "apply":
            return self._apply(kind, name, namespace, patch.body, ask, subresource)
        before = self._found(kind, name, namespace)
        asked: Obj = {**before, "apiVersion": kind.api_version(version)}
        after = patching.patched(self.schemas, kind, asked, patch, ask)
        after["apiVersion"] = asked["apiVersion"]
        ask = patching.check_fields(self.schemas, patch, after, ask)
        metadata.check_same(kind, after, before)
        after["apiVersion"] = kind.api_version()
        after = decoded(self.schemas, after, ask)
        return self._updated(kind, after, before, ask, subresource)

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        ask: Ask = NOBODY,
        *,
        grace_s: int | None = None,
        propagation: str = "Background",
        preconditions: Obj | None = None,
    ) -> Obj:
        """Return the object as it was last: gone, or ending."""
        kind = self._kind_named(resource)
        before = self._found(kind, name, namespace)
        deletion.check_preconditions(kind, before, preconditions or {})
        deletion.check_namespace(kind, before)
        for admission in self.admission:
            admission.validate(None, before, ask)
        after = deletion.ended(kind, before, grace_s, propagation)
        if ask.dry_run:
            return after or before
        if after is None:
            if resource == CRDS:
                self._clear(name)
            return self.store.remove(resource, name, namespace if kind.namespaced else "")
        return self.store.update(after, tracked=True)

    def _apply(
        self, kind: Kind, name: str, namespace: str, body: Json, ask: Ask, subresource: str
    ) -> Obj:
        """Return the object after an applied configuration, made where it was not there."""
        before = self.store.get(kind.resource, name, namespace if kind.namespaced else "")
        body = metadata.placed(kind, body, namespace)
        version = text(body, "apiVersion")
        live: Obj = {**before, "apiVersion": version} if before else {}
        applied = self._applier.applied(kind, live, body, ask, subresource)
        entries = self._tracker.kept(applied.entries)
        metadata.check_same(
            kind, applied.object, before or {"metadata": {"name": name, "namespace": namespace}}
        )
        if before is None:
            return self.create(applied.object, ask, entries=entries)
        after = decoded(self.schemas, {**applied.object, "apiVersion": version}, ask)
        after["apiVersion"] = kind.api_version()
        return self._updated(kind, after, before, ask, subresource, entries)

    def _managed(
        self, kind: Kind, after: Obj, before: Obj | None, ask: Ask, subresource: str
    ) -> list[Json]:
        """Return who manages which field, before others add to the object."""
        filled = copied(after) if ask.applies else filled_in(kind, after)
        if before is None:
            return self._tracker.created(kind, filled, ask)
        return self._tracker.changed(kind, before, filled, ask, subresource)

    def _updated(
        self,
        kind: Kind,
        after: Obj,
        before: Obj,
        ask: Ask,
        subresource: str,
        entries: list[Json] | None = None,
    ) -> Obj:
        sent = at(after, "metadata.managedFields")
        expected = metadata.carry_on(kind, after, before)
        if expected and expected != text(before, "metadata.resourceVersion"):
            raise conflict(kind.resource, name_of(before))
        keep_status(kind, after, before, subresource)
        if entries is None:
            _note(after, sent if isinstance(sent, list) else [])
            entries = self._managed(kind, after, before, ask, subresource)
        after = self._admitted(kind, after, before, ask)
        self._check(kind, after, before, ask)
        _note(after, entries)
        if deletion.may_go(after):
            return after if ask.dry_run else self._gone(after)
        return self.store.update(after, dry_run=ask.dry_run, tracked=True)

    def _gone(self, after: Obj) -> Obj:
        kind = self._kind(after)
        self.store.update(after, tracked=True)
        return self.store.remove(kind.resource, *deletion.key_of(after))

    def _admitted(self, kind: Kind, after: Obj, before: Obj | None, ask: Ask) -> Obj:
        """Fill the object in, ask who may change it, and fill in what they added."""
        volume = made_up("kube-api-access-")
        fill_in(kind.resource, after)
        if kind.resource == "pods" and before is None:
            admit(after, volume)
            self._check_account(after)
        for admission in self.admission:
            after = admission.mutate(after, before, ask)
        if self.admission:
            after = copied(after)
            fill_in(kind.resource, after)
            if kind.resource == "pods" and before is None:
                admit(after, volume)
        if kind.resource == "services":
            self._raise(kind, after, allocate(self.store, after, before, dry_run=ask.dry_run))
        return after

    def _check(self, kind: Kind, after: Obj, before: Obj | None, ask: Ask) -> None:
        found = causes(kind, after, before)
        if before is not None:
            found += metadata.finalizer_causes(after, before)
        if ask.user != TRUSTED:
            found += self.schemas.errors(after, before)
            ask.warnings.extend(warnings(kind, after))
        self._raise(kind, after, found)
        for admission in self.admission:
            admission.validate(after, before, ask)

    def _raise(self, kind: Kind, obj: Obj, found: list[Cause]) -> None:
        if found:
            raise invalid(kind.kind, kind.group, name_of(obj), found)

    def _check_account(self, pod: Obj) -> None:
        account, namespace = text(pod, "spec.serviceAccountName"), namespace_of(pod)
        if account != "default" and not self.store.get("serviceaccounts", account, namespace):
            why = (
                f"error looking up service account {namespace}/{account}: "
                f'serviceaccount "{account}" not found'
            )
            asked = text(pod, "metadata.generateName") or name_of(pod)
            raise forbidden("pods", asked, why)

    def _check_version(self, kind: Kind, obj: Obj, ask: Ask) -> None:
        is_blind = not text(obj, "metadata.resourceVersion")
        if kind.crd is not None and is_blind and ask.user != TRUSTED:
            said = "Invalid value: 0x0: must be specified for an update"
            self._raise(kind, obj, [Cause("metadata.resourceVersion", said)])

    def _kind(self, obj: Obj) -> Kind:
        kind = self.kinds.of(obj)
        if kind is None:
            said = f'no matches for kind "{text(obj, "kind")}" in version '
            raise StatusError(404, "NotFound", f'{said}"{text(obj, "apiVersion")}"')
        return kind

    def _kind_named(self, resource: str) -> Kind:
        kind = self.kinds.get(resource)
        if kind is None:
            raise StatusError(404, "NotFound", "the server could not find the requested resource")
        return kind

    def _found(self, kind: Kind, name: str, namespace: str) -> Obj:
        found = self.store.get(kind.resource, name, namespace if kind.namespaced else "")
        if found is None:
            raise not_found(kind.resource, name)
        return found

    def _clear(self, resource: str) -> None:
        """Take every object of a kind away."""
        for obj in self.store.list(resource):
            self.store.remove(resource, *deletion.key_of(obj))

    def _follow(self, change: Change) -> None:
        """Serve a CRD's kind from the moment that the CRD is there, until it goes."""
        if change.resource != CRDS:
            return
        if change.type == "DELETED":
            self._clear(name_of(change.object))
            self.kinds.remove(name_of(change.object))
        else:
            self.kinds.add(kind_of_crd(change.object))


def _note(obj: Obj, entries: list[Json]) -> None:
    """Write into a copy of an object who manages its fields."""
    meta = inner(obj, "metadata")
    meta.pop("managedFields", None)
    if entries:
        meta["managedFields"] = entries
