"""Messages of Envoy's API as bytes: plain data in protobuf's JSON shape → the wire format.

`fields.json` holds the facts: for each message its fields' numbers and types, and each enum's
values, reduced from Envoy's published protos by tools/reduce_envoy_protos.py.
Source: https://protobuf.dev/programming-guides/encoding/
"""

import base64
import json
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from app.sandbox.objects import Json, Obj, text

Field: TypeAlias = tuple[int, str, str]  # number, type, "" | "repeated" | "map"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_WRAPPERS = {
    "google.protobuf.UInt32Value": "int",
    "google.protobuf.UInt64Value": "int",
    "google.protobuf.Int32Value": "int",
    "google.protobuf.Int64Value": "int",
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.StringValue": "string",
    "google.protobuf.DoubleValue": "double",
}


class NotEncodable(ValueError):
    """A field that the message does not have, or a value that does not fit; its text says which."""


@cache
def _facts() -> tuple[dict[str, dict[str, Field]], dict[str, dict[str, int]]]:
    read = json.loads(Path(__file__).with_name("fields.json").read_bytes())
    messages = {
        name: {field: _field(entry) for field, entry in fields.items()}
        for name, fields in read["messages"].items()
    }
    return messages, read["enums"]


def _field(entry: list[int | str]) -> Field:
    number, kind, *how = entry
    return int(number), str(kind), str(how[0]) if how else ""


def varint(value: int) -> bytes:
    """Return an integer as a varint; a negative one in 64 bits."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def block(number: int, data: bytes) -> bytes:
    """Return a field that holds bytes, a text or a message."""
    return varint(number << 3 | BYTES) + varint(len(data)) + data


def packed(value: Obj) -> bytes:
    """Return an object with an `@type` as google.protobuf.Any. Raises: NotEncodable."""
    url = text(value, "@type")
    body: Obj = {key: field for key, field in value.items() if key != "@type"}
    return block(1, url.encode()) + block(2, message(url.rpartition("/")[2], body))


def message(name: str, value: Json) -> bytes:
    """Return one message by its full name. Raises: NotEncodable."""
    special = _special(name, value)
    if special is not None:
        return special
    fields = _facts()[0].get(name)
    if fields is None or not isinstance(value, dict):
        raise NotEncodable(f"{name}: no such message, or no object")
    out = bytearray()
    for key, inner in value.items():
        if key not in fields:
            raise NotEncodable(f"{name} has no field {key}")
        try:
            out += _encoded(fields[key], inner)
        except (TypeError, AttributeError, KeyError, struct.error) as error:
            raise NotEncodable(f"{name}.{key}: {inner!r} does not fit") from error
    return bytes(out)


def _encoded(field: Field, value: Json) -> bytes:
    number, kind, how = field
    if value is None:
        return b""
    if kind == "map":
        assert isinstance(value, dict)
        pairs = (_one(1, "string", key) + _one(2, how, inner) for key, inner in value.items())
        return b"".join(block(number, pair) for pair in pairs)
    if how == "repeated":
        assert isinstance(value, list)
        return b"".join(_one(number, kind, inner) for inner in value)
    return _one(number, kind, value)


def _one(number: int, kind: str, value: Json) -> bytes:
    if kind == "int":
        return varint(number << 3 | VARINT) + varint(int(value))  # type: ignore[arg-type]
    if kind == "bool":
        return varint(number << 3 | VARINT) + (b"\1" if value else b"\0")
    if kind == "string":
        return block(number, value.encode())  # type: ignore[union-attr]
    if kind == "bytes":
        return block(number, base64.b64decode(value))  # type: ignore[arg-type]
    if kind == "double":
        return varint(number << 3 | FIXED64) + struct.pack("<d", value)
    if kind == "float":
        return varint(number << 3 | FIXED32) + struct.pack("<f", value)
    enum = _facts()[1].get(kind)
    if enum is not None:
        chosen = enum[value] if isinstance(value, str) else value
        return varint(number << 3 | VARINT) + varint(int(chosen))  # type: ignore[arg-type]
    return block(number, message(kind, value))


def _special(name: str, value: Json) -> bytes | None:
    """Return a message that has a JSON shape of its own, else None."""
    if name == "google.protobuf.Any":
        assert isinstance(value, dict)
        return packed(value)
    if name == "google.protobuf.Duration":
        return _duration(str(value))
    if name in _WRAPPERS:
        return _one(1, _WRAPPERS[name], value)
    if name == "google.protobuf.Struct":
        assert isinstance(value, dict)
        return _struct(value)
    if name == "google.protobuf.Empty":
        return b""
    return None


def _duration(written: str) -> bytes:
    """Return a duration; it is written in seconds, with an "s" behind."""
    whole, _, part = written.removesuffix("s").partition(".")
    nanos = int(part.ljust(9, "0")[:9]) if part else 0
    return b"".join(_one(number, "int", n) for number, n in ((1, int(whole or 0)), (2, nanos)) if n)


def _struct(value: Obj) -> bytes:
    return b"".join(
        block(1, _one(1, "string", key) + block(2, _value(inner))) for key, inner in value.items()
    )


def _value(value: Json) -> bytes:
    if value is None:
        return _one(1, "int", 0)
    if isinstance(value, bool):
        return _one(4, "bool", value)
    if isinstance(value, int | float):
        return _one(2, "double", float(value))
    if isinstance(value, str):
        return _one(3, "string", value)
    if isinstance(value, dict):
        return block(5, _struct(value))
    return block(6, b"".join(block(1, _value(inner)) for inner in value))


def fields_of(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: number and value, an integer or bytes.

    Raises: ValueError where the message is cut off.
    """
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _read_varint(data, at)
            yield key >> 3, value
            continue
        length, at = {FIXED64: (8, at), FIXED32: (4, at)}.get(kind) or _read_varint(data, at)
        if at + length > len(data):
            raise ValueError("a field goes beyond the message's end")
        yield key >> 3, data[at : at + length]
        at += length


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a varint without an end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at
