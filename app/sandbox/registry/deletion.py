"""How objects go: at once, after a pod's grace, or when their finalizers let them."""

from datetime import UTC, datetime, timedelta

from app.sandbox.objects import (
    Json,
    Obj,
    is_ending,
    name_of,
    namespace_of,
    number,
    stamp,
    table,
    text,
    words,
)
from app.sandbox.registry.defaults.pods import grace_of
from app.sandbox.status import conflict, forbidden
from app.sandbox.store.kinds import Kind

LASTING = ("default", "kube-system", "kube-public")
PURGED = (
    "The system is ensuring all content is removed from this namespace.  Upon completion, this "
    "namespace will automatically be purged by the system."
)
WAITS_FOR = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
FINISHED = ("Succeeded", "Failed")


def check_preconditions(kind: Kind, obj: Obj, preconditions: Obj) -> None:
    """Raises: StatusError 409 where the object is not the one that was meant."""
    for field, told in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        asked, is_now = text(preconditions, field), text(obj, f"metadata.{field}")
        if asked and asked != is_now:
            why = (
                f"Precondition failed: {told} in precondition: {asked}, {told} in object meta: "
                f"{is_now}"
            )
            raise conflict(kind.resource, name_of(obj), why)


def check_namespace(kind: Kind, obj: Obj) -> None:
    """Raises: StatusError where a namespace may not be deleted, or is being deleted."""
    if kind.resource != "namespaces":
        return
    if name_of(obj) in LASTING:
        raise forbidden("namespaces", name_of(obj), "this namespace may not be deleted")
    if is_ending(obj):
        raise conflict("namespaces", name_of(obj), PURGED)


def ended(kind: Kind, obj: Obj, grace_s: int | None, propagation: str) -> Obj | None:
    """Return the object as it is while it ends, or None where it goes at once."""
    finalizers = words(obj, "metadata.finalizers")
    waits = WAITS_FOR.get(propagation, "")
    if waits and waits not in finalizers and not is_ending(obj):
        finalizers = [*finalizers, waits]
    grace = _grace(obj, grace_s) if kind.resource == "pods" else 0
    is_held = kind.resource == "namespaces" and bool(words(obj, "spec.finalizers"))
    if not finalizers and not grace and not is_held:
        return None
    metadata: Obj = {**table(obj, "metadata")}
    if finalizers:
        metadata["finalizers"] = [*finalizers]
    if is_ending(obj):
        left = number(obj, "metadata.deletionGracePeriodSeconds")
        if grace >= left:
            return obj
    until = datetime.now(UTC) + timedelta(seconds=grace)
    metadata["deletionTimestamp"] = stamp(until)
    if not is_held:
        metadata["deletionGracePeriodSeconds"] = grace
    after: Obj = {**obj, "metadata": metadata}
    if is_held:
        after["status"] = {**table(obj, "status"), "phase": "Terminating"}
    return after


def _grace(pod: Obj, asked: int | None) -> int:
    if not text(pod, "spec.nodeName") or text(pod, "status.phase") in FINISHED:
        return 0
    return grace_of(pod) if asked is None else max(asked, 0)


def may_go(obj: Obj) -> bool:
    """Whether an object that is ending waits for nothing any more."""
    held: list[Json] = [*words(obj, "metadata.finalizers")]
    if obj.get("kind") == "Namespace":
        held += words(obj, "spec.finalizers")
    return is_ending(obj) and not held and not number(obj, "metadata.deletionGracePeriodSeconds")


def key_of(obj: Obj) -> tuple[str, str]:
    """Return the name and the namespace, as the store's verbs take them."""
    return name_of(obj), namespace_of(obj)
