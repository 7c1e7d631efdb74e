"""A patch of any type put to an object, with what the server says of a broken one."""

import dataclasses
import json

from app.sandbox.objects import Obj
from app.sandbox.registry.ask import Ask, Patch
from app.sandbox.registry.causes import wrong
from app.sandbox.registry.defaults.filling import copied
from app.sandbox.registry.golang import go_written
from app.sandbox.registry.patches import merge, operations, strategic
from app.sandbox.schemas.decoding import json_word
from app.sandbox.schemas.schemas import Schemas
from app.sandbox.status import StatusError, bad_request, invalid
from app.sandbox.store.kinds import Kind


def patched(schemas: Schemas, kind: Kind, before: Obj, patch: Patch, ask: Ask) -> Obj:
    """Return the object after a patch, of which nothing is shared with the patch.

    Raises: StatusError 400 and 422 for a patch that does not fit, 415 for a type that this kind
    does not take.
    """
    if patch.type == "json":
        return operations.patched(copied(before), patch.body)
    if not isinstance(patch.body, dict):
        told = "" if patch.type == "strategic" else "error decoding patch: "
        word = json_word(patch.body)
        raise bad_request(
            f"{told}json: cannot unmarshal {word} into Go value of type map[string]interface {{}}"
        )
    if patch.type == "strategic":
        if kind.crd is not None:
            raise unsupported_patch(kind)
        return strategic.patched(before, patch.body, lambda path: schemas.merge_key(kind, path))
    return merge.patched(before, patch.body)


def unsupported_patch(kind: Kind) -> StatusError:
    """Return the 415 of a patch type that a kind does not take."""
    types = ["application/json-patch+json", "application/merge-patch+json"]
    if kind.crd is None:
        types.append("application/strategic-merge-patch+json")
    said = (
        "the body of the request was in an unknown format - accepted media types include: "
        f"{', '.join([*types, 'application/apply-patch+yaml'])}"
    )
    return StatusError(415, "UnsupportedMediaType", said)


def check_fields(schemas: Schemas, patch: Patch, after: Obj, ask: Ask) -> Ask:
    """Return the ask without its strictness, which a patch is told of in other words.

    Raises: StatusError 422 for an unknown or wrong field, quoting the patch as Kubernetes does.
    """
    fault = schemas.patch_fault(after, is_strategic=patch.type == "strategic")
    if fault:
        raise invalid("", "", "", [wrong("patch", _quoted(patch, after), fault)])
    if ask.field_validation not in ("Strict", "Warn"):
        return ask
    unknown = [f'unknown field "{path}"' for path in schemas.unknown_fields(after)]
    if unknown and ask.field_validation == "Strict":
        why = f"strict decoding error: {', '.join(unknown)}"
        raise invalid("", "", "", [wrong("patch", _quoted(patch, after), why)])
    ask.warnings.extend(unknown)
    return dataclasses.replace(ask, field_validation="Ignore")


def _quoted(patch: Patch, after: Obj) -> str:
    """A strategic patch is quoted itself, of the others what they made of the object."""
    if patch.type == "strategic":
        return go_written(patch.body)
    return json.dumps(after, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
