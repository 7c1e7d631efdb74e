"""JSON patch: a list of operations on paths.

Source: RFC 6902; the errors are those of Kubernetes' own library (evanphx/json-patch).
"""

import logging

from app.sandbox.objects import Json, Obj, text
from app.sandbox.registry.defaults.filling import clone
from app.sandbox.schemas.decoding import json_word
from app.sandbox.status import StatusError, bad_request

LOG = logging.getLogger(__name__)
MOST = 10_000  # operations in one patch, as Kubernetes allows


def patched(obj: Obj, operations: Json) -> Obj:
    """Return the object after the operations. Raises: StatusError 400, 413, 422."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        said = f"json: cannot unmarshal {json_word(operations)} into Go value of type "
        raise bad_request(f"error decoding patch: {said}[]handlers.jsonPatchOp")
    if len(operations) > MOST:
        said = f"The allowed maximum operations in a JSON patch is {MOST}, got {len(operations)}"
        raise StatusError(413, "RequestEntityTooLarge", said)
    after = clone(obj)
    for operation in operations:
        if isinstance(operation, dict):
            after = _done(after, operation)
    if not isinstance(after, dict):
        raise _refused("the object is gone")
    return after


def _refused(why: str) -> StatusError:
    """The library's error is for the log; the server does not tell it."""
    LOG.debug("a JSON patch does not fit: %s", why)
    said = "the server rejected our request due to an error in our request"
    return StatusError(422, "Invalid", said)


def _done(doc: Json, operation: Obj) -> Json:
    kind, path = text(operation, "op"), text(operation, "path")
    if kind in ("move", "copy"):
        source = text(operation, "from")
        value = clone(_found(doc, source, kind))
        doc = _without(doc, source) if kind == "move" else doc
        return _with(doc, path, value, "add")
    if kind == "remove":
        return _without(doc, path)
    if kind == "test":
        if _found(doc, path, kind, absent_is_null=True) != operation.get("value"):
            raise _refused(f"testing value {path} failed: test failed")
        return doc
    if kind in ("add", "replace"):
        return _with(doc, path, clone(operation.get("value")), kind)
    raise _refused(f"Unexpected kind: {kind}")


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _found(doc: Json, path: str, kind: str, *, absent_is_null: bool = False) -> Json:
    for step in _steps(path):
        if isinstance(doc, dict) and step in doc:
            doc = doc[step]
        elif isinstance(doc, list) and step.lstrip("-").isdigit() and -1 < int(step) < len(doc):
            doc = doc[int(step)]
        elif absent_is_null:
            return None
        else:
            raise _refused(f"{kind} operation does not apply: doc is missing path: {path}")
    return doc


def _parent(doc: Json, path: str, kind: str) -> tuple[Json, str]:
    steps = _steps(path)
    if not steps:
        raise _refused(f"{kind} operation does not apply: doc is missing path: {path}")
    return _found(doc, path.rpartition("/")[0], kind), steps[-1]


def _with(doc: Json, path: str, value: Json, kind: str) -> Json:
    if path == "":
        return value
    parent, last = _parent(doc, path, kind)
    if isinstance(parent, dict):
        if kind == "replace" and last not in parent:
            raise _refused(
                f"replace operation does not apply: doc is missing key: {path}: missing value"
            )
        parent[last] = value
    elif isinstance(parent, list):
        place = _place(parent, last, path, kind, room=kind == "add")
        if kind == "add":
            parent.insert(place, value)
        else:
            parent[place] = value
    else:
        raise _refused(f"{kind} operation does not apply: doc is missing path: {path}")
    return doc


def _without(doc: Json, path: str) -> Json:
    parent, last = _parent(doc, path, "remove")
    if isinstance(parent, dict) and last in parent:
        del parent[last]
    elif isinstance(parent, list):
        del parent[_place(parent, last, path, "remove", room=False)]
    else:
        raise _refused(f"remove operation does not apply: doc is missing path: {path}")
    return doc


def _place(parent: list[Json], last: str, path: str, kind: str, *, room: bool) -> int:
    if last == "-" and room:
        return len(parent)
    if not last.isdigit() or int(last) >= len(parent) + room:
        raise _refused(
            f"{kind} operation does not apply: doc is missing path: {path}: "
            "Unable to access invalid index"
        )
    return int(last)
