"""An object exists, and its fields have the values that the step asks for."""

import json
from collections.abc import Mapping
from typing import Final

from app.checks.kind import Context, Kind, KnownKind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.clusters.objects import Json, Object


class ObjectParams(Params):
    """`fields` are dotted paths with the value each must have; a number equals its text."""

    kind: KnownKind
    name: str
    namespace: str = ""
    fields: Mapping[str, object] = {}


async def check(context: Context, params: ObjectParams) -> Finding:
    """Return whether the object is there with these fields, else the first that differs."""
    what = f"{params.kind} {params.name}"
    where = f" in namespace {params.namespace}" if params.namespace else ""
    found = await context.cluster.get(params.kind, params.name, params.namespace)
    if found is None:
        return failed(
            "no-object",
            f"{what} is expected{where}, and is not there.{await _others(context, params)}",
            look=f"kubectl get {params.kind.lower()}{_in(params)}",
        )
    for path, wanted in params.fields.items():
        if not is_same(found.at(path), wanted):
            return _differs(params, found, path, wanted)
    return passed(
        f"{what} is there{where}" + (" with the values asked for." if params.fields else ".")
    )


def _in(params: ObjectParams) -> str:
    return f" -n {params.namespace}" if params.namespace else ""


async def _others(context: Context, params: ObjectParams) -> str:
    others = [o.name for o in await context.cluster.list(params.kind, params.namespace)][:5]
    return f" There is: {', '.join(others)}." if others else ""


def is_same(found: Json, wanted: object) -> bool:
    """Return whether a field has a value; scalars are compared as YAML writes them."""
    if isinstance(wanted, Mapping):
        return isinstance(found, dict) and all(is_same(found.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        is_list = isinstance(found, list) and len(found) == len(wanted)
        return is_list and all(is_same(f, w) for f, w in zip(found, wanted, strict=True))  # type: ignore[arg-type]
    return _text(found) == _text(wanted)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _differs(params: ObjectParams, found: Object, path: str, wanted: object) -> Finding:
    value = found.at(path)
    seen = "is not set" if value is None else f"is {_text(value)}"
    asked = "not be set" if wanted is None else f"be {_text(wanted)}"
    look = f"kubectl get {params.kind.lower()} {params.name}{_in(params)} -o yaml"
    return failed(
        "field",
        f"{path} of {params.kind} {params.name} should {asked}, and {seen}.",
        Evidence(look, f"{path}: {_text(value)}"),
        look=look,
    )


KIND: Final = Kind(
    name="object",
    params=ObjectParams,
    check=check,
    reads=(),
    is_cheap=True,
    reasons=("no-object", "field"),
)
