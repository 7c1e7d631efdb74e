"""What the API server answers when it refuses: the Status object, as an exception.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.objects import Obj


@dataclass(frozen=True)
class Cause:
    """One field that is wrong: its path, what is wrong, and the reason's word."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"


class StatusError(Exception):
    """A refusal: its HTTP status, its reason and its sentence, exact to the letter."""

    def __init__(self, code: int, reason: str, message: str, details: Obj | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details: Obj = details or {}

    def status(self) -> Obj:
        """Return the Status object."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            **({"reason": self.reason} if self.reason else {}),
            **({"details": self.details} if self.details else {}),
            "code": self.code,
        }


def _details(resource: str, name: str) -> Obj:
    plural, _, group = resource.partition(".")
    return {"name": name, **({"group": group} if group else {}), "kind": plural}


def not_found(resource: str, name: str) -> StatusError:
    """Return the 404 of an object; `resource` is written as `deployments.apps`."""
    return StatusError(404, "NotFound", f'{resource} "{name}" not found', _details(resource, name))


def exists(resource: str, name: str) -> StatusError:
    """Return the 409 of an object that is there already."""
    message = f'{resource} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, _details(resource, name))


def conflict(resource: str, name: str, why: str = "") -> StatusError:
    """Return the 409 of an object that somebody else has changed."""
    why = why or (
        "the object has been modified; "
        "please apply your changes to the latest version and try again"
    )
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return StatusError(409, "Conflict", message, _details(resource, name))


def forbidden(resource: str, name: str, why: str) -> StatusError:
    """Return a 403."""
    message = f'{resource} "{name}" is forbidden: {why}'
    return StatusError(403, "Forbidden", message, _details(resource, name))


def bad_request(message: str) -> StatusError:
    """Return a 400."""
    return StatusError(400, "BadRequest", message)


def invalid(kind: str, group: str, name: str, causes: Sequence[Cause]) -> StatusError:
    """Return the 422 of an object whose fields are wrong; `kind` is its Kind."""
    told = [f"{cause.field}: {cause.message}" for cause in causes]
    said = told[0] if len(told) == 1 else "[" + ", ".join(told) + "]"
    qualified = f"{kind}.{group}" if group else kind
    details: Obj = {
        "name": name,
        **({"group": group} if group else {}),
        "kind": kind,
        "causes": [
            {"reason": cause.reason, "message": cause.message, "field": cause.field}
            for cause in causes
        ],
    }
    return StatusError(422, "Invalid", f'{qualified} "{name}" is invalid: {said}', details)
