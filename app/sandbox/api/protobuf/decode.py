"""A body of `application/vnd.kubernetes.protobuf` as a plain object."""

import base64
import json
import struct
from datetime import UTC, datetime

from app.sandbox.api.protobuf.messages import Field, message, message_of
from app.sandbox.api.protobuf.wire import Wire, WireError, fields
from app.sandbox.objects import Json, Obj, stamp
from app.sandbox.status import StatusError, bad_request

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
DEEPEST = 40


def decode(body: bytes) -> Obj:
    """Return the object in a body, with apiVersion and kind.

    Raises: StatusError 400 where the body is broken, 415 where we do not know its kind.
    """
    if not body.startswith(MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix")
    try:
        outer = dict(fields(body[len(MAGIC) :]))
        about = dict(fields(_bytes(outer.get(1, b""))))
        api_version, kind = _text(about.get(1, b"")), _text(about.get(2, b""))
        raw = _bytes(outer.get(2, b""))
        if _text(outer.get(4, b"")).startswith("application/json"):
            return _json_object(raw)
        name = message_of(api_version, kind)
        if not name:
            raise _not_known(api_version, kind)
        return {"apiVersion": api_version, "kind": kind, **_message(name, raw)}
    except (WireError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise bad_request(f"the protobuf body cannot be read: {error}") from error


def _not_known(api_version: str, kind: str) -> StatusError:
    said = (
        f"this sandbox reads no protobuf of {kind or 'a kind without a name'} "
        f"({api_version or 'no version'}); send JSON"
    )
    return StatusError(415, "UnsupportedMediaType", said)


def _json_object(raw: bytes) -> Obj:
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise WireError("no object")
    return found


def _message(name: str, raw: bytes, depth: int = 0) -> Obj:
    known = message(name)
    if known is None:
        raise WireError(f"unknown message {name}")
    if depth > DEEPEST:
        raise WireError("messages are nested too deeply")
    found: Obj = {}
    for number, value in fields(raw):
        field = known.get(number)
        if field is not None:
            _add(found, field, value, depth)
    return found


def _add(found: Obj, field: Field, value: Wire, depth: int) -> None:
    """Write one field into the object that is being made."""
    if field.shape == "{":
        pair = dict(fields(_bytes(value)))
        inner = found.setdefault(field.name, {})
        if isinstance(inner, dict):
            item = pair.get(2, 0 if field.type in "ib" else b"")
            inner[_text(pair.get(1, b""))] = _value(field, item, depth)
    elif field.shape == "[":
        listed = found.setdefault(field.name, [])
        if isinstance(listed, list):
            listed.append(_value(field, value, depth))
    elif not field.name:
        made = _value(field, value, depth)
        found.update(made if isinstance(made, dict) else {})
    else:
        made = _value(field, value, depth)
        if field.is_pointer or made not in ("", 0, False, None, {}):
            found[field.name] = made


def _value(field: Field, value: Wire, depth: int) -> Json:
    match field.type:
        case "s":
            return _text(value)
        case "i":
            return _number(value)
        case "b":
            return bool(_number(value))
        case "d":
            return float(struct.unpack("<d", _bytes(value))[0])
        case "y":
            return base64.b64encode(_bytes(value)).decode()
    return _known(field.type, _bytes(value), depth)


def _known(name: str, raw: bytes, depth: int) -> Json:
    """Return a message, or one of the few that JSON writes in another way."""
    if name not in ("Quantity", "Time", "IntOrString", "RawExtension"):
        return _message(name, raw, depth + 1)
    inner = dict(fields(raw))
    if name == "Quantity":
        return _text(inner.get(1, b""))
    if name == "IntOrString":
        return _text(inner.get(3, b"")) if _number(inner.get(1, 0)) else _number(inner.get(2, 0))
    if name == "Time":
        seconds = _number(inner.get(1, 0))
        return stamp(datetime.fromtimestamp(seconds, UTC)) if seconds else None
    held: Json = json.loads(_bytes(inner.get(1, b"")) or b"null")
    return held


def _bytes(value: Wire) -> bytes:
    if not isinstance(value, bytes):
        raise WireError("a number where bytes are")
    return value


def _text(value: Wire) -> str:
    return _bytes(value).decode("utf-8")


def _number(value: Wire) -> int:
    if not isinstance(value, int):
        raise WireError("bytes where a number is")
    return value
