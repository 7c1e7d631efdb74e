"""What can be wrong with a field, in the words of Kubernetes.

Source: k8s.io/apimachinery, package util/validation/field.
"""

import json
from collections.abc import Sequence

from app.sandbox.objects import Json
from app.sandbox.status import Cause


def _written(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def quoted(word: str) -> str:
    """Return a word in quotes."""
    return f'"{word}"'


def required(field: str, detail: str = "") -> Cause:
    """A field that must be there."""
    said = f"Required value: {detail}" if detail else "Required value"
    return Cause(field, said, "FieldValueRequired")


def wrong(field: str, value: Json, detail: str) -> Cause:
    """A value that breaks a rule."""
    return Cause(field, f"Invalid value: {_written(value)}: {detail}")


def unsupported(field: str, value: Json, supported: Sequence[str]) -> Cause:
    """A value that is not one of a list."""
    known = ", ".join(f'"{one}"' for one in supported)
    said = f"Unsupported value: {_written(value)}: supported values: {known}"
    return Cause(field, said, "FieldValueNotSupported")


def barred(field: str, detail: str) -> Cause:
    """A field that may not be set, or not be changed."""
    return Cause(field, f"Forbidden: {detail}", "FieldValueForbidden")


def twice(field: str, value: Json) -> Cause:
    """A value that is there already."""
    return Cause(field, f"Duplicate value: {_written(value)}", "FieldValueDuplicate")


def too_long(field: str, most_bytes: int) -> Cause:
    """A value of too many bytes."""
    said = f"Too long: may not be more than {most_bytes} bytes"
    return Cause(field, said, "FieldValueTooLong")


def missing(field: str, value: Json) -> Cause:
    """A value that names something which is not there."""
    return Cause(field, f"Not found: {_written(value)}", "FieldValueNotFound")
