"""What the server makes of what was sent: refused, or a copy without what it does not know."""

from app.sandbox.objects import Obj, text
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.defaults.filling import copied, without_nulls
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.status import bad_request

EMPTY = ("annotations", "labels", "finalizers", "ownerReferences", "generateName")
TRUSTED = "system:sandbox"  # this sandbox's own controllers, which write what they read


def decoded(schemas: Schemas, obj: Obj, ask: Ask) -> Obj:
    """Return a copy of an object that is ours, with the fields that its kind has.

    Raises: StatusError 400 for a wrong type, and for an unknown field where the asker is strict.
    """
    if ask.user == TRUSTED:
        return copied(obj)
    said = schemas.decode_error(obj)
    if said:
        raise bad_request(said)
    kind = schemas.kinds.of(obj)
    ours = obj if kind is not None and kind.crd is not None else _without_nulls(obj)
    if ask.field_validation in ("Strict", "Warn"):
        unknown = [f'unknown field "{path}"' for path in schemas.unknown_fields(obj)]
        if unknown and ask.field_validation == "Strict":
            raise bad_request(cannot_handle(obj, f"strict decoding error: {', '.join(unknown)}"))
        ask.warnings.extend(unknown)
    return _tidied(copied(schemas.prune(ours)))


def _tidied(obj: Obj) -> Obj:
    """Leave out of a copy's metadata what is empty, as a typed server does for every kind."""
    metadata = obj.get("metadata")
    if isinstance(metadata, dict):
        for field in EMPTY:
            if metadata.get(field) in ({}, [], "", None):
                metadata.pop(field, None)
    return obj


def _without_nulls(obj: Obj) -> Obj:
    """A typed server reads a null as an absent field; a custom resource may keep one."""
    return {key: without_nulls(value) for key, value in obj.items() if value is not None}


def cannot_handle(obj: Obj, why: str) -> str:
    """Return the sentence of a body that is no object of its kind."""
    kind = text(obj, "kind")
    version = text(obj, "apiVersion").rpartition("/")[2]
    return f'{kind} in version "{version}" cannot be handled as a {kind}: {why}'
