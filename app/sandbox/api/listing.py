"""Which objects a list means: selectors, pages, and the version that it is of."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.api.call import Call
from app.sandbox.objects import Obj, labels_of, name_of, namespace_of
from app.sandbox.registry.causes import barred, unsupported
from app.sandbox.registry.selectors import parse, parse_fields
from app.sandbox.status import Cause, StatusError, bad_request, invalid
from app.sandbox.store.store import Store

MATCHES = ("Exact", "NotOlderThan", "")


class Selection:
    """The objects that a call's selectors choose. Raises: StatusError 400 for a broken one."""

    def __init__(self, call: Call) -> None:
        labels, fields = call.query("labelSelector"), call.query("fieldSelector")
        self._labels = parse(labels) if labels else None
        self._fields = parse_fields(fields, call.target.kind) if fields else None
        self.namespace = call.target.namespace if call.target.kind.namespaced else ""
        self._name = call.target.name

    def has(self, obj: Obj) -> bool:
        """Whether an object is chosen."""
        if self.namespace and namespace_of(obj) != self.namespace:
            return False
        if self._name and name_of(obj) != self._name:
            return False
        if self._labels is not None and not self._labels(labels_of(obj)):
            return False
        return self._fields is None or self._fields(obj)


@dataclass(frozen=True)
class Page:
    """A part of a list, with the list's own metadata."""

    objects: Sequence[Obj]
    metadata: Obj


def listed(store: Store, call: Call) -> Page:
    """Return the objects that a call asks for. Raises: StatusError 400, 410, 422."""
    check_options(call)
    limit = whole(call, "limit")
    selection = Selection(call)
    version, after = _continued(call) if call.query("continue") else (store.version, None)
    found = [
        obj
        for obj in store.list(call.target.kind.resource, selection.namespace)
        if selection.has(obj)
    ]
    if after is not None:
        found = [obj for obj in found if (namespace_of(obj), name_of(obj)) > after]
    metadata: Obj = {"resourceVersion": str(version)}
    if 0 < limit < len(found):
        page, left = found[:limit], len(found) - limit
        metadata["continue"] = _token(version, page[-1])
        if not call.query("labelSelector") and not call.query("fieldSelector"):
            metadata["remainingItemCount"] = left
        return Page(page, metadata)
    return Page(found, metadata)


def whole(call: Call, name: str) -> int:
    """Return a query parameter as a number, 0 where there is none. Raises: StatusError 400."""
    written = call.query(name)
    try:
        return int(written or "0")
    except ValueError as error:
        message = f'strconv.ParseInt: parsing "{written}": invalid syntax'
        raise bad_request(message) from error


def version_asked(call: Call) -> int | None:
    """Return the resourceVersion that was asked for, None where any will do."""
    written = call.query("resourceVersion")
    if not written:
        return None
    if not written.isascii() or not written.isdigit():
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{written}": '
            f'strconv.ParseUint: parsing "{written}": invalid syntax'
        )
    return int(written)


def check_options(call: Call) -> None:
    """Raises: StatusError where the list's options do not fit together."""
    version_asked(call)
    match, found = call.query("resourceVersionMatch"), list[Cause]()
    field = "resourceVersionMatch"
    initial = call.query("sendInitialEvents")
    if initial and match != "NotOlderThan":
        said = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        found.append(barred(field, said))
    elif match and not initial:
        if not call.query("resourceVersion"):
            found.append(barred(field, f"{field} is forbidden unless resourceVersion is provided"))
        if match not in MATCHES:
            found.append(unsupported(field, match, MATCHES))
    if found:
        raise invalid("ListOptions", "meta.k8s.io", "", found)


def _token(version: int, last: Obj) -> str:
    key = [version, namespace_of(last), name_of(last)]
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _continued(call: Call) -> tuple[int, tuple[str, str]]:
    written = call.query("continue")
    try:
        packed = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        version, namespace, name = json.loads(packed)
        return int(version), (str(namespace), str(name))
    except (ValueError, TypeError) as error:
        message = f"invalid continue token: continue key is not valid: {error}"
        raise StatusError(400, "BadRequest", message) from error
