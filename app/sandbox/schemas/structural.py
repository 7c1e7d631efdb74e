"""Whether a custom resource keeps its CRD's schema, in the words of the real validation.

Source: k8s.io/kube-openapi/pkg/validation/validate and the apiserver's own errors.
"""

import json
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, items, number, table, text, words
from app.sandbox.schemas.patterns import PatternError, found
from app.sandbox.status import Cause

TYPE, UNSUPPORTED, REQUIRED = (
    "FieldValueTypeInvalid",
    "FieldValueNotSupported",
    "FieldValueRequired",
)
TOO_MANY, TOO_LONG, INVALID = "FieldValueTooMany", "FieldValueTooLong", "FieldValueInvalid"
# While one of these stands, rules are not looked at.
BLOCKING = frozenset({TYPE, UNSUPPORTED, REQUIRED, TOO_MANY, TOO_LONG})
UNCHECKED = Cause(
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)


def type_of(value: Json) -> str:
    """Return what JSON schema calls a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case float():
            return "number"
        case list():
            return "array"
    return "object"


def schema_causes(value: Json, schema: Obj, path: str = "") -> Iterator[Cause]:
    """Yield what is wrong in a value by its schema."""
    if value is None and schema.get("nullable") is True:
        return
    yield from _type(value, schema, path)
    yield from _combined(value, schema, path)
    if isinstance(value, str):
        yield from _string(value, schema, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    elif isinstance(value, list):
        yield from _list(value, schema, path)
    yield from _enum(value, schema, path)
    if isinstance(value, dict):
        yield from _object(value, schema, path)


def _type(value: Json, schema: Obj, path: str) -> Iterator[Cause]:
    wanted, given = text(schema, "type"), type_of(value)
    if not wanted or wanted == given or (wanted == "number" and given == "integer"):
        return
    if wanted == "integer" and isinstance(value, float) and value.is_integer():
        return
    said = f'Invalid value: "{given}": {path} in body must be of type {wanted}: "{given}"'
    yield Cause(path, said, TYPE)


def _string(value: str, schema: Obj, path: str) -> Iterator[Cause]:
    most, least, pattern = (
        schema.get("maxLength"),
        number(schema, "minLength"),
        text(schema, "pattern"),
    )
    if isinstance(most, int) and len(value) > most:
        yield Cause(path, f"Too long: may not be more than {most} bytes", TOO_LONG)
    if len(value) < least:
        yield _body(path, value, f"should be at least {least} chars long")
    if pattern:
        yield from _pattern(value, pattern, path)


def _pattern(value: str, pattern: str, path: str) -> Iterator[Cause]:
    try:
        if not found(pattern, value):
            yield _body(path, value, f"should match '{pattern}'")
    except PatternError as error:
        yield Cause(path, f"Invalid value: {_shown(value)}: {error}")


def _number(value: float, schema: Obj, path: str) -> Iterator[Cause]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, (int, float)) and value < least:
        yield _body(path, value, f"should be greater than or equal to {least}")
    if isinstance(most, (int, float)) and value > most:
        yield _body(path, value, f"should be less than or equal to {most}")


def _list(value: list[Json], schema: Obj, path: str) -> Iterator[Cause]:
    most, least = schema.get("maxItems"), number(schema, "minItems")
    if len(value) < least:
        yield _body(path, len(value), f"should have at least {least} items")
    if isinstance(most, int) and len(value) > most:
        yield Cause(path, f"Too many: {len(value)}: must have at most {most} items", TOO_MANY)
    inner = table(schema, "items")
    for place, item in enumerate(value):
        yield from schema_causes(item, inner, f"{path}[{place}]")


def _enum(value: Json, schema: Obj, path: str) -> Iterator[Cause]:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and value not in allowed:
        listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in allowed)
        said = f"Unsupported value: {_shown(value)}: supported values: {listed}"
        yield Cause(path, said, UNSUPPORTED)


def _object(value: Obj, schema: Obj, path: str) -> Iterator[Cause]:
    most, least = schema.get("maxProperties"), number(schema, "minProperties")
    if len(value) < least:
        yield _body(path, len(value), f"should have at least {least} properties")
    if isinstance(most, int) and len(value) > most:
        yield Cause(path, f"Too many: {len(value)}: must have at most {most} items", TOO_MANY)
    known, others = table(schema, "properties"), table(schema, "additionalProperties")
    for name in sorted(value):
        node = known.get(name) or others
        if isinstance(node, dict) and node:
            yield from schema_causes(value[name], node, f"{path}.{name}" if path else name)
    for name in words(schema, "required"):
        if name not in value:
            yield Cause(f"{path}.{name}" if path else name, "Required value", REQUIRED)


def _combined(value: Json, schema: Obj, path: str) -> Iterator[Cause]:
    """Yield what is wrong by anyOf, oneOf, allOf and not, in the validator's order."""
    yield from _any(value, items(schema, "anyOf"), path)
    yield from _one(value, items(schema, "oneOf"), path)
    yield from _all(value, items(schema, "allOf"), path)
    refused = schema.get("not")
    if isinstance(refused, dict) and fits(value, refused):
        yield _bare(path, "must not validate the schema (not)")


def _any(value: Json, choices: list[Obj], path: str) -> Iterator[Cause]:
    failures = [list(schema_causes(value, choice, path)) for choice in choices]
    if failures and all(failures):
        yield _bare(path, "must validate at least one schema (anyOf)")
        yield from failures[0]


def _one(value: Json, choices: list[Obj], path: str) -> Iterator[Cause]:
    failures = [list(schema_causes(value, choice, path)) for choice in choices]
    fitting = sum(not failed for failed in failures)
    if choices and fitting != 1:
        how = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
        yield _bare(path, f"must validate one and only one schema (oneOf). {how}")
        yield from failures[0] if not fitting else ()


def _all(value: Json, parts: list[Obj], path: str) -> Iterator[Cause]:
    failures = [list(schema_causes(value, part, path)) for part in parts]
    for failed in failures:
        yield from failed
    if any(failures):
        none = ". None validated" if all(failures) else ""
        yield _bare(path, f"must validate all the schemas (allOf){none}")


def fits(value: Json, schema: Obj) -> bool:
    """Whether a value keeps a schema."""
    return next(schema_causes(value, schema), None) is None


def _bare(path: str, told: str) -> Cause:
    """Return an error that names its path in its words: the server has no field for it."""
    return Cause("<nil>", f'Invalid value: "": "{path}" {told}')


def _body(path: str, value: Json, told: str) -> Cause:
    return Cause(path, f"Invalid value: {_shown(value)}: {path} in body {told}")


def _shown(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
