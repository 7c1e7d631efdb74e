"""A report as JSON: one order, one spelling, one published schema; read back strictly."""

import json
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused
from app.grading.report import Report

MAX_BYTES: Final = 16 * 1024 * 1024  # a report of the whole course has some 200 KB
SCHEMA_ID: Final = "mesh-dojo-report-1"
_ADAPTER: Final = TypeAdapter(Report)


def to_bytes(report: Report) -> bytes:
    """Return the report as JSON in UTF-8, its keys in the schema's order: equal for equal reports.

    Raises: ValueError when a mark is no number.
    """
    plain = _ADAPTER.dump_python(report, mode="json")
    text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="replace") + b"\n"  # half a surrogate pair is no text


def from_bytes(data: bytes) -> Report:
    """Return the report that these bytes hold. Raises: Refused when they hold none."""
    if len(data) > MAX_BYTES:
        raise Refused(f"This is no report: it has more than {MAX_BYTES} bytes.")
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise Refused(
            f"This is no report of the kind mesh-dojo-report/1: {where}: {first['msg']}.",
            hint="docs/grading.md says what a report holds.",
        ) from error


def schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of a report; docs/mesh-dojo-report-1.schema.json is it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mesh-dojo:{SCHEMA_ID}",
        **_ADAPTER.json_schema(mode="serialization"),
    }
