"""Whether an object is JSON of its protobuf type, with the words of Go's reader where it is not.

`protos.json` holds the facts: each message's fields in order with their types, and each enum's
words, reduced from Istio's published protos by tools/reduce_istio_protos.py.
Source: github.com/golang/protobuf, package jsonpb; Go's encoding/json and time.ParseDuration
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from app.sandbox.objects import Json, Obj, text

Field: TypeAlias = tuple[str, str, str]  # name, type, "" | "repeated" | "map"
PACKAGES: Final = {
    "networking.istio.io": "istio.networking.v1alpha3",
    "security.istio.io": "istio.security.v1beta1",
    "telemetry.istio.io": "istio.telemetry.v1alpha1",
    "extensions.istio.io": "istio.extensions.v1alpha1",
}
ELSEWHERE: Final = {"ProxyConfig": "istio.networking.v1beta1.ProxyConfig"}
STATUS: Final = "istio.meta.v1alpha1.IstioStatus"
RAW, OBJECT = "[]json.RawMessage", "map[string]json.RawMessage"
RANGES: Final = {
    "int32": (-(1 << 31), 1 << 31),
    "uint32": (0, 1 << 32),
    "int64": (-(1 << 63), 1 << 63),
    "uint64": (0, 1 << 64),
}
WRAPPED: Final = {
    "google.protobuf.UInt32Value": "uint32",
    "google.protobuf.Int32Value": "int32",
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.DoubleValue": "double",
}
UNITS: Final = ("ns", "us", "µs", "ms", "s", "m", "h")
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
LITERALS: Final = {"t": "true", "f": "false", "n": "null"}


class Unfit(ValueError):
    """A value that does not fit. `go_type`: what Go would have made of it; empty of other faults.

    `said` is then what the value is (`string`, `number 1.5`).
    """

    def __init__(self, said: str, go_type: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.go_type = go_type

    def told(self, where: str = "value") -> str:
        """Return the error; `where` is what Go was filling (`struct field Gateway.spec`)."""
        if not self.go_type:
            return self.said
        return f"json: cannot unmarshal {self.said} into Go {where} of type {self.go_type}"


@cache
def _facts() -> tuple[Mapping[str, list[Field]], Mapping[str, frozenset[str]]]:
    read = json.loads(Path(__file__).with_name("protos.json").read_bytes())
    messages = {
        name: [(field, kind, how[0] if how else "") for field, kind, *how in fields]
        for name, fields in read["messages"].items()
    }
    return messages, {name: frozenset(words) for name, words in read["enums"].items()}


def unread(obj: Obj) -> str:
    """Return why the real one could not read an object of Istio's; empty where it could."""
    kind = text(obj, "kind")
    parts = [("spec", _message_of(obj))]
    if kind != "ServiceEntry":
        parts.append(("status", STATUS))
    for part, message in parts:
        try:
            _message(message, obj.get(part), is_strict=False)
        except Unfit as unfit:
            return unfit.told(f"struct field {kind}.{part}")
    return ""


def unparsed(obj: Obj) -> str:
    """Return why `validate` cannot read an object's spec: as above, and fields that it has not."""
    try:
        _message(_message_of(obj), obj.get("spec"), is_strict=True)
    except Unfit as unfit:
        return unfit.told()
    return ""


def _message_of(obj: Obj) -> str:
    kind, group = text(obj, "kind"), text(obj, "apiVersion").partition("/")[0]
    return ELSEWHERE.get(kind) or f"{PACKAGES.get(group, '')}.{kind}"


def _message(name: str, value: Json, *, is_strict: bool) -> None:
    """Check one message. Raises: Unfit, for the first fault in the order of its fields."""
    fields = _facts()[0].get(name)
    if fields is None or value is None:
        return
    if not isinstance(value, dict):
        raise Unfit(_what(value), OBJECT)
    known = set[str]()
    for field, kind, how in fields:
        for key in (field, camel(field)):
            known.add(key)
            if value.get(key) is not None:
                _field(kind, how, value[key], is_strict=is_strict)
    unknown = next((key for key in value if key not in known), None)
    if is_strict and unknown is not None:
        raise Unfit(f'unknown field "{unknown}" in {name}')


def _field(kind: str, how: str, value: Json, *, is_strict: bool) -> None:
    if how == "repeated":
        if not isinstance(value, list):
            raise Unfit(_what(value), RAW)
        for each in value:
            _one(kind, each, is_strict=is_strict)
    elif how == "map":
        if not isinstance(value, dict):
            raise Unfit(_what(value), OBJECT)
        for each in value.values():
            _one(kind, each, is_strict=is_strict)
    else:
        _one(kind, value, is_strict=is_strict)


def _one(kind: str, value: Json, *, is_strict: bool) -> None:
    if value is None:
        return
    kind = WRAPPED.get(kind, kind)
    words = _facts()[1].get(kind)
    if words is not None:
        _enum(kind, words, value)
    elif kind == "google.protobuf.Duration":
        if not isinstance(value, str):
            raise Unfit(_what(value), "string")
        trouble = duration_fault(value)
        if trouble:
            raise Unfit(f"bad Duration: time: {trouble}")
    elif kind in ("string", "bool"):
        if not isinstance(value, str if kind == "string" else bool):
            raise Unfit(_what(value), kind)
    elif kind in RANGES or kind in ("double", "float"):
        _number(kind, value)
    else:
        _message(kind, value, is_strict=is_strict)


def _enum(name: str, words: frozenset[str], value: Json) -> None:
    if isinstance(value, str):
        if value not in words:
            quoted = json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False)
            raise Unfit(f"unknown value {quoted} for enum {name}")
    elif isinstance(value, bool | list | dict):
        raise Unfit(_what(value), "protoreflect.EnumNumber")


def _number(kind: str, value: Json) -> None:
    """Check a number, which may be written as a text."""
    go_type = {"double": "float64", "float": "float32"}.get(kind, kind)
    if isinstance(value, bool | list | dict):
        raise Unfit(_what(value), go_type)
    written = value.strip() if isinstance(value, str) else json.dumps(value)
    trouble = _json_fault(written)
    if trouble:
        raise Unfit(trouble)
    if written in ("true", "false"):
        raise Unfit("bool", go_type)
    low, high = RANGES.get(kind, (0, 0))
    if kind in RANGES and not (float(written).is_integer() and low <= float(written) < high):
        raise Unfit(f"number {written}", go_type)


def _json_fault(written: str) -> str:
    """Return what Go's JSON scanner says of a text that is no number and no literal."""
    if not written:
        return "unexpected end of JSON input"
    number = NUMBER.match(written)
    if number is not None:
        rest = written[number.end() :]
        return f"invalid character '{rest[0]}' after top-level value" if rest else ""
    literal = LITERALS.get(written[0])
    if literal is None:
        where = "in numeric literal" if written[0] == "-" else "looking for beginning of value"
        strange = f"{written[1:]} "[0] if written[0] == "-" else written[0]
        return f"invalid character '{strange}' {where}"
    for letter, wanted in zip(f"{written} ", literal, strict=False):  # an end counts as a blank
        if letter != wanted:
            return f"invalid character '{letter}' in literal {literal} (expecting '{wanted}')"
    rest = written[len(literal) :]
    return f"invalid character '{rest[0]}' after top-level value" if rest else ""


def duration_fault(written: str) -> str:
    """Return what Go says of a text that is no duration; empty of one."""
    rest = written[1:] if written[:1] in ("-", "+") else written
    if rest == "0":
        return ""
    if not rest:
        return f'invalid duration "{written}"'
    while rest:
        found = re.match(r"(\d+\.?\d*|\.\d+)([^.\d]*)", rest, re.ASCII)
        if found is None:
            return f'invalid duration "{written}"'
        if not found[2]:
            return f'missing unit in duration "{written}"'
        if found[2] not in UNITS:
            return f'unknown unit "{found[2]}" in duration "{written}"'
        rest = rest[found.end() :]
    return ""


def camel(field: str) -> str:
    """Return a field's name as JSON has it."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), field)


def _what(value: Json) -> str:
    names: Mapping[type, str] = {
        str: "string", bool: "bool", int: "number", float: "number", list: "array",
    }  # fmt: skip
    return names.get(type(value), "object")
