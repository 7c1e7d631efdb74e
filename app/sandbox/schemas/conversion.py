"""Whether a strategic patch's outcome can be made into a Go struct, in the converter's words.

Source: k8s.io/apimachinery/pkg/runtime/converter.go.
"""

from collections.abc import Iterable

from app.sandbox.objects import Json, Obj, table, text
from app.sandbox.schemas.decoding import base64_fault, quantity_fault, time_fault
from app.sandbox.schemas.types import Types, go_type, struct_name


def conversion_fault(types: Types, obj: Obj, type_name: str) -> str:
    """Return what is wrong with the first field that cannot be converted, "" where all can."""
    return _struct(types, obj, types.get(type_name), type_name.rpartition(".")[2])


def _struct(types: Types, value: Json, type_: Obj, struct: str) -> str:
    if not isinstance(value, dict):
        return f"cannot restore struct from: {_kind(value)}"
    for name, node in table(type_, "properties").items():
        inner = value.get(name)
        if inner is not None and isinstance(node, dict):
            fault = _value(types, inner, node, struct, name)
            if fault:
                return fault
    return ""


def _value(types: Types, value: Json, node: Obj, struct: str, name: str) -> str:
    type_ = types.resolve(node)
    if value is None or type_.get("free") is True:
        return ""
    if "properties" in type_:
        return _struct(types, value, type_, struct_name(node) or struct)
    match text(type_, "type"), value:
        case "array", list():
            inner = table(type_, "items")
            return _first(_value(types, item, inner, struct, name) for item in value)
        case "array", _:
            return f"cannot restore slice from {_kind(value)}"
        case "object", dict():
            inner = table(type_, "additionalProperties")
            return _first(_value(types, item, inner, struct, name) for item in value.values())
        case "object", _:
            return f"cannot restore map from {_kind(value)}"
    return _scalar(value, type_, struct, name)


def _first(faults: Iterable[str]) -> str:
    return next((fault for fault in faults if fault), "")


def _scalar(value: Json, type_: Obj, struct: str, name: str) -> str:
    match text(type_, "format"):
        case "quantity":
            return quantity_fault(value)
        case "date-time":
            return time_fault(value)
        case "byte" if isinstance(value, str):
            fault = base64_fault(value)
            return f"error decoding from json: {fault}" if fault else ""
        case "int-or-string":
            if isinstance(value, str) or _kind(value) == "int64":
                return ""
            return f"json: cannot unmarshal {_kind(value)} into Go value of type int32"
    return _plain(value, type_, struct, name)


def _plain(value: Json, type_: Obj, struct: str, name: str) -> str:
    wanted, found = text(type_, "type"), _kind(value)
    said = go_type(type_, struct, name)
    bare = "string" if wanted == "string" else said
    match wanted, found:
        case ("string", "string") | ("boolean", "bool") | ("integer", "int64"):
            return ""
        case ("number", "int64" | "float64"):
            return ""
        case ("integer", "float64") if isinstance(value, float) and value.is_integer():
            return ""
        case ("integer", "float64") | ("string", "int64"):
            return f"cannot convert {found} to {said}"
    return f"unrecognized type: {bare}"


def _kind(value: Json) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "int64"
        case float():
            return "float64"
        case list():
            return "slice"
    return "map"
