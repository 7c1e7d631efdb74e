"""The rules that a CRD's schema holds (x-kubernetes-validations), looked at on an object."""

import json
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, items, table, text
from app.sandbox.schemas.cel.evaluate import evaluate
from app.sandbox.schemas.cel.parser import CelError
from app.sandbox.status import Cause

RULES = "x-kubernetes-validations"


def rule_causes(value: Json, before: Json, schema: Obj, path: str = "") -> Iterator[Cause]:
    """Yield which rules a value does not keep; `before` is what stood there, None where nothing."""
    if value is None:
        return
    for rule in items(schema, RULES):
        yield from _rule(rule, value, before, schema, path)
    if isinstance(value, dict):
        known, others = table(schema, "properties"), table(schema, "additionalProperties")
        was = before if isinstance(before, dict) else {}
        for name in sorted(value):
            node = known.get(name)
            if isinstance(node, dict):
                here = f"{path}.{name}" if path else name
                yield from rule_causes(value[name], was.get(name), node, here)
            elif others:
                yield from rule_causes(value[name], was.get(name), others, f"{path}[{name}]")
    elif isinstance(value, list):
        inner = table(schema, "items")
        for place, item in enumerate(value):
            yield from rule_causes(item, None, inner, f"{path}[{place}]")


def _rule(rule: Obj, value: Json, before: Json, schema: Obj, path: str) -> Iterator[Cause]:
    written = text(rule, "rule")
    compares = "oldSelf" in written
    if compares and before is None and rule.get("optionalOldSelf") is not True:
        return
    where = path + text(rule, "fieldPath")
    told = text(rule, "message") or f"failed rule: {written.strip()}"
    names = {"self": value, **({"oldSelf": before} if compares else {})}
    try:
        if evaluate(written, names) is True:
            return
        expression = text(rule, "messageExpression")
        said = evaluate(expression, names) if expression else None
    except CelError as error:
        kind = text(schema, "type")
        why = f'Invalid value: "{kind}": {error} evaluating rule: {told}'
        yield Cause(where, why)
        return
    reason = text(rule, "reason", "FieldValueInvalid")
    message = said if isinstance(said, str) and said else told
    yield Cause(where, _worded(reason, value, message), reason)


def _worded(reason: str, value: Json, message: str) -> str:
    match reason:
        case "FieldValueForbidden":
            return f"Forbidden: {message}"
        case "FieldValueRequired":
            return f"Required value: {message}"
        case "FieldValueDuplicate":
            return f"Duplicate value: {json.dumps(value)}"
    if isinstance(value, (dict, list)):
        return f"Invalid value: {message}"
    return f"Invalid value: {json.dumps(value, ensure_ascii=False)}: {message}"
