"""What the server keeps of an object's metadata, and what it writes there itself."""

import uuid

from app.sandbox.objects import Json, Obj, is_ending, name_of, namespace_of, table, text, words
from app.sandbox.registry.causes import barred
from app.sandbox.registry.defaults.filling import inner
from app.sandbox.registry.names import made_up
from app.sandbox.status import Cause, StatusError, bad_request, conflict, not_found
from app.sandbox.store.kinds import Kind
from app.sandbox.store.store import Store

OURS = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
)
KEPT = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def begin(kind: Kind, obj: Obj) -> None:
    """Make a copy of a new object's metadata what it shall be; gives it name and uid.

    Raises: StatusError 400 where the object names a version, or no namespace.
    """
    metadata = inner(obj, "metadata")
    if text(metadata, "resourceVersion") not in ("", "0"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    for field in OURS:
        metadata.pop(field, None)
    metadata["uid"] = str(uuid.uuid4())
    if not text(metadata, "name") and text(metadata, "generateName"):
        metadata["name"] = made_up(text(metadata, "generateName"))
    if not kind.namespaced:
        metadata.pop("namespace", None)
    elif not text(metadata, "namespace"):
        raise bad_request("an empty namespace may not be set during creation")


def carry_on(kind: Kind, obj: Obj, before: Obj) -> str:
    """Make a copy of a changed object's metadata what it shall be.

    Returns the resourceVersion that the object must still have, empty where any will do.
    Raises: StatusError 409 where another object of that name is meant.
    """
    metadata, was = inner(obj, "metadata"), table(before, "metadata")
    asked = text(metadata, "uid")
    if asked and asked != text(was, "uid"):
        place = f"/{kind.plural}/{namespace_of(before)}/{name_of(before)}".replace("//", "/")
        why = (
            f"StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, "
            "AdditionalErrorMsg: Precondition failed: UID in precondition: "
            f"{asked}, UID in object meta: {text(was, 'uid')}"
        )
        raise conflict(kind.resource, name_of(before), why)
    expected = text(metadata, "resourceVersion")
    if expected and not expected.isdigit():
        raise StatusError(500, "", f'strconv.ParseUint: parsing "{expected}": invalid syntax')
    for field in OURS:
        metadata.pop(field, None)
    for field in KEPT:
        if field in was:
            metadata[field] = was[field]
    if "generateName" in was:
        metadata.setdefault("generateName", was["generateName"])
    metadata["resourceVersion"] = was["resourceVersion"]
    return "" if expected == "0" else expected


def finalizer_causes(obj: Obj, before: Obj) -> list[Cause]:
    """Return what is wrong with finalizers that come to an object which is ending."""
    if not is_ending(before):
        return []
    old = words(before, "metadata.finalizers")
    new = [one for one in words(obj, "metadata.finalizers") if one not in old]
    if not new:
        return []
    told = ", ".join(f'"{one}"' for one in new)
    said = (
        "no new finalizers can be added if the object is being deleted, "
        f"found new finalizers []string{{{told}}}"
    )
    return [barred("metadata.finalizers", said)]


def check_namespace(store: Store, kind: Kind, obj: Obj) -> None:
    """Raises: StatusError where the object's namespace is not there, or is ending."""
    if not kind.namespaced:
        return
    namespace = namespace_of(obj)
    found = store.get("namespaces", namespace)
    if found is None:
        raise not_found("namespaces", namespace)
    if is_ending(found):
        name = name_of(obj)
        said = (
            f"unable to create new content in namespace {namespace} because it is being terminated"
        )
        cause: Obj = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
        details: Obj = {
            "name": name,
            **({"group": kind.group} if kind.group else {}),
            "kind": kind.plural,
            "causes": [cause],
        }
        message = f'{kind.resource} "{name}" is forbidden: {said}'
        raise StatusError(403, "Forbidden", message, details)


def check_same(kind: Kind, obj: Obj, before: Obj) -> None:
    """Raises: StatusError where a patch would make another object of it."""
    now, was = name_of(obj), name_of(before)
    if now != was:
        raise bad_request(
            f"the name of the object ({now}) does not match the name on the URL ({was})"
        )
    if namespace_of(obj) != namespace_of(before):
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if kind.kind != text(obj, "kind"):
        raise bad_request(
            f"the kind in the data ({text(obj, 'kind')}) does not match the kind "
            f"on the URL ({kind.kind})"
        )


def placed(kind: Kind, body: Json, namespace: str) -> Json:
    """Return an applied configuration in the namespace that it is applied in."""
    if not isinstance(body, dict) or not kind.namespaced or namespace_of(body):
        return body
    return {**body, "metadata": {**table(body, "metadata"), "namespace": namespace}}
