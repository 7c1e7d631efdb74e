"""Namespaces: what each holds from the beginning, and how one comes to its end."""

from collections.abc import Iterable

from app.sandbox.control.owners import condition
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    is_ending,
    items,
    name_of,
    namespace_of,
    stamp,
    table,
    text,
    words,
)
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError
from app.sandbox.store.store import Change

ASK = Ask(user="system:serviceaccount:kube-system:namespace-controller")
CA = "kube-root-ca.crt"
AT_ONCE = 100  # objects deleted before others have their turn
MORE_S = 0.01
SETTLED = {
    "NamespaceDeletionDiscoveryFailure": (
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
}


class Namespaces:
    """The controllers of namespaces, of their default ServiceAccount and of their CA."""

    resources = frozenset({"*"})

    def __init__(self, registry: Registry, certificate: str) -> None:
        self._registry = registry
        self._store = registry.store
        self._certificate = certificate

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the namespace itself, or one that waits for an object to go."""
        obj = change.object
        if change.resource == "namespaces":
            return [("", name_of(obj))]
        namespace = namespace_of(obj)
        if change.type != "DELETED" or not namespace:
            return []
        holder = self._store.get("namespaces", namespace)
        kept = (change.resource, name_of(obj)) in (
            ("serviceaccounts", "default"),
            ("configmaps", CA),
        )
        return [("", namespace)] if holder and (kept or is_ending(holder)) else []

    def look(self, key: Key) -> float | None:
        """Fill a namespace, or empty it and let it go."""
        found = self._store.get("namespaces", key[1])
        if found is None:
            return None
        if is_ending(found):
            return self._empty(found)
        self._fill(key[1])
        return None

    def _fill(self, namespace: str) -> None:
        if self._store.get("configmaps", CA, namespace) is None:
            notes: Obj = {
                "kubernetes.io/description": "Contains a CA bundle that can be used to verify "
                "the kube-apiserver when using internal endpoints such as the internal service "
                "IP or kubernetes.default.svc. No other usage is guaranteed across distributions "
                "of Kubernetes clusters."
            }
            self._make("ConfigMap", CA, namespace, notes, {"data": {"ca.crt": self._certificate}})
        if self._store.get("serviceaccounts", "default", namespace) is None:
            self._make("ServiceAccount", "default", namespace, {}, {})

    def _make(self, kind: str, name: str, namespace: str, notes: Obj, content: Obj) -> None:
        meta: Obj = {
            "name": name,
            "namespace": namespace,
            **({"annotations": notes} if notes else {}),
        }
        made: Obj = {"apiVersion": "v1", "kind": kind, "metadata": meta, **content}
        self._registry.create(made, ASK)

    def _empty(self, namespace: Obj) -> float | None:
        """Delete what is in a namespace, then itself; return when to go on."""
        name = name_of(namespace)
        standing = [each for each in self._contents(name) if not is_ending(each[1])]
        for resource, obj in standing[:AT_ONCE]:
            self._delete(resource, obj)
        left = self._contents(name)
        if left:
            self._tell(name, left)
            return MORE_S if len(standing) > AT_ONCE else None
        self._finish(name)
        return None

    def _finish(self, name: str) -> None:
        found = self._store.get("namespaces", name)
        if found is None:
            return
        others: list[Json] = [one for one in words(found, "spec.finalizers") if one != "kubernetes"]
        if others or words(found, "metadata.finalizers"):
            spec: Obj = {**table(found, "spec"), "finalizers": others}
            self._store.update({**found, "spec": spec})
        else:
            self._store.remove("namespaces", name)

    def _delete(self, resource: str, obj: Obj) -> None:
        try:
            self._registry.delete(resource, name_of(obj), namespace_of(obj), ASK)
        except StatusError as refused:
            if refused.code != 404:
                raise

    def _contents(self, namespace: str) -> list[tuple[str, Obj]]:
        return [
            (kind.resource, obj)
            for kind in self._store.kinds
            if kind.namespaced
            for obj in self._store.list(kind.resource, namespace)
        ]

    def _tell(self, name: str, left: list[tuple[str, Obj]]) -> None:
        """Say in the namespace's conditions what it still waits for."""
        found = self._store.get("namespaces", name)
        if found is None:
            return
        had = items(found, "status.conditions")
        settled = [_condition(had, type_, "False", *said) for type_, said in SETTLED.items()]
        conditions: list[Json] = [*settled, _remaining(had, left), _held(had, left)]
        self._store.update({**found, "status": {"phase": "Terminating", "conditions": conditions}})


def _remaining(had: list[Obj], left: list[tuple[str, Obj]]) -> Obj:
    counts: dict[str, int] = {}
    for resource, _ in left:
        counts[resource] = counts.get(resource, 0) + 1
    told = ", ".join(
        f"{resource if '.' in resource else resource + '.'} has {count} resource instances"
        for resource, count in sorted(counts.items())
    )
    message = f"Some resources are remaining: {told}"
    return _condition(had, "NamespaceContentRemaining", "True", "SomeResourcesRemain", message)


def _held(had: list[Obj], left: list[tuple[str, Obj]]) -> Obj:
    counts: dict[str, int] = {}
    for _, obj in left:
        for finalizer in words(obj, "metadata.finalizers"):
            counts[finalizer] = counts.get(finalizer, 0) + 1
    type_ = "NamespaceFinalizersRemaining"
    if not counts:
        told = "All content-preserving finalizers finished"
        return _condition(had, type_, "False", "ContentHasNoFinalizers", told)
    told = ", ".join(
        f"{finalizer} in {count} resource instances" for finalizer, count in sorted(counts.items())
    )
    message = f"Some content in the namespace has finalizers remaining: {told}"
    return _condition(had, type_, "True", "SomeFinalizersRemain", message)


def _condition(had: list[Obj], type_: str, status: str, reason: str, message: str) -> Obj:
    before = condition(had, type_)
    same = before is not None and before.get("status") == status
    return {
        "type": type_,
        "status": status,
        "lastTransitionTime": text(before, "lastTransitionTime") if same else stamp(),
        "reason": reason,
        "message": message,
    }
