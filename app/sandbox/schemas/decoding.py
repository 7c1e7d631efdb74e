"""Whether an object's fields have the types of a Go struct, in the words of Go's decoder.

Source: sigs.k8s.io/json, internal/golang/encoding/json; it stops at the first wrong type.
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.objects import Json, Obj, table, text
from app.sandbox.schemas.types import META, Types, go_type, struct_name

QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
SUFFIXES = ("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
TIME = "2006-01-02T15:04:05Z07:00"
_NAME = (frozenset({"name"}), "LocalObjectReference")
# Structs that another is embedded in, whose name Go's errors tell on the way: its fields.
EMBEDDED = {
    "Probe": (frozenset({"exec", "grpc", "httpGet", "tcpSocket"}), "ProbeHandler"),
    "Volume": (frozenset({"name"}), "VolumeSource"),
    "EphemeralContainer": (frozenset({"targetContainerName"}), "EphemeralContainerCommon"),
    "ConfigMapEnvSource": _NAME,
    "ConfigMapKeySelector": _NAME,
    "ConfigMapProjection": _NAME,
    "ConfigMapVolumeSource": _NAME,
    "SecretEnvSource": _NAME,
    "SecretKeySelector": _NAME,
    "SecretProjection": _NAME,
}
BUT = frozenset({"Volume", "EphemeralContainer"})  # of these all fields are but those
INT32, INT64 = 2**31, 2**63


@dataclass(frozen=True)
class Place:
    """Where the decoder is: the struct it is in, and the names of the fields on the way."""

    struct: str
    names: tuple[str, ...] = ()

    def into(self, name: str, struct: str) -> "Place":
        """Return the place of a field of a struct, which may stand in an embedded one."""
        fields, embedded = EMBEDDED.get(struct, (frozenset[str](), ""))
        is_embedded = bool(embedded) and (name in fields) is (struct not in BUT)
        return Place(struct, (*self.names, *((embedded,) if is_embedded else ()), name))


@dataclass
class Decoding:
    """What was found while decoding: the first error, and every field that is not known."""

    types: Types
    error: str = ""
    unknown: list[str] = field(default_factory=list)

    def kind(self, obj: Obj, type_name: str) -> None:
        """Decode an object of a built-in kind."""
        struct = type_name.rpartition(".")[2]
        self._fields(obj, self.types.get(type_name), struct, Place(struct), "")

    def metadata(self, obj: Obj) -> None:
        """Decode the metadata of a custom resource, the one part of it that is a Go struct."""
        found = obj.get("metadata")
        if isinstance(found, dict):
            self._fields(found, self.types.get(META), "ObjectMeta", Place("ObjectMeta"), "metadata")
        elif found is not None:
            word = json_word(found)
            self.error = f"json: cannot unmarshal {word} into Go value of type v1.ObjectMeta"

    def _fields(self, value: Obj, type_: Obj, struct: str, place: Place, path: str) -> None:
        known = table(type_, "properties")
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            node = known.get(name)
            if isinstance(node, dict):
                self._value(inner, node, place.into(name, struct), here)
            else:
                self.unknown.append(here)

    def _value(self, value: Json, node: Obj, place: Place, path: str) -> None:
        type_ = self.types.resolve(node)
        if value is None or type_.get("free") is True:
            return
        if "properties" in type_:
            if isinstance(value, dict):
                self._fields(value, type_, struct_name(node) or place.struct, place, path)
            else:
                self._mismatch(json_word(value), node, place)
        elif text(type_, "type") == "array":
            self._list(value, type_, place, path)
        elif text(type_, "type") == "object":
            self._map(value, type_, place, path)
        else:
            self._scalar(value, type_, place)

    def _list(self, value: Json, type_: Obj, place: Place, path: str) -> None:
        if not isinstance(value, list):
            self._mismatch(json_word(value), type_, place)
            return
        for number, item in enumerate(value):
            self._value(item, table(type_, "items"), place, f"{path}[{number}]")

    def _map(self, value: Json, type_: Obj, place: Place, path: str) -> None:
        if not isinstance(value, dict):
            self._mismatch(json_word(value), type_, place)
            return
        for key, item in value.items():
            inner = table(type_, "additionalProperties")
            self._value(item, inner, place, f"{path}.{key}")

    def _scalar(self, value: Json, type_: Obj, place: Place) -> None:
        format_ = text(type_, "format")
        if format_ == "quantity":
            self._fail(quantity_fault(value))
        elif format_ == "int-or-string":
            if not isinstance(value, str):
                self._integer(value, {"type": "integer", "format": "int32"}, place)
        elif format_ == "date-time":
            self._fail(time_fault(value))
        elif text(type_, "type") == "integer":
            self._integer(value, type_, place)
        elif text(type_, "type") == "number":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self._mismatch(json_word(value), type_, place)
        elif text(type_, "type") == "boolean":
            if not isinstance(value, bool):
                self._mismatch(json_word(value), type_, place)
        elif not isinstance(value, str):
            self._mismatch(json_word(value), type_, place)
        elif format_ == "byte":
            self._fail(base64_fault(value))

    def _integer(self, value: Json, type_: Obj, place: Place) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._mismatch(json_word(value), type_, place)
            return
        limit = INT32 if type_.get("format") == "int32" else INT64
        if isinstance(value, float) or not -limit <= value < limit:
            self._mismatch(f"number {value}", type_, place)

    def _mismatch(self, word: str, node: Obj, place: Place) -> None:
        said = go_type(node, place.struct, place.names[-1])
        where = f"{place.struct}.{'.'.join(place.names)}"
        self._fail(f"json: cannot unmarshal {word} into Go struct field {where} of type {said}")

    def _fail(self, why: str) -> None:
        self.error = self.error or why


def json_word(value: Json) -> str:
    """Return what Go's decoder calls a JSON value's kind."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
    return "object"


def quantity_fault(value: Json) -> str:
    """Return what is wrong with a quantity (`100m`, `64Mi`, 2), "" where nothing is."""
    written = str(value) if not isinstance(value, (bool, dict, list)) else "true"
    found = re.fullmatch(QUANTITY, written.strip())
    if found is None or found[1].count(".") > 1:
        return f"quantities must match the regular expression '{QUANTITY}'"
    if found[2] not in SUFFIXES and not re.fullmatch(r"[eE][-+]?[0-9]+", found[2]):
        return "unable to parse quantity's suffix"
    return ""


def time_fault(value: Json) -> str:
    """Return what is wrong with a time, "" where nothing is."""
    if not isinstance(value, str):
        return f"json: cannot unmarshal {json_word(value)} into Go value of type string"
    try:
        if "T" in value:
            datetime.fromisoformat(re.sub(r"Z$", "+00:00", value))
            return ""
    except ValueError:
        pass
    return f'parsing time "{value}" as "{TIME}": cannot parse "{value}" as "2006"'


def base64_fault(value: str) -> str:
    """Return what is wrong with bytes in base64, "" where nothing is."""
    written = re.sub(r"[\r\n]", "", value)
    try:
        base64.b64decode(written, validate=True)
    except ValueError:
        wrong = re.search(r"[^A-Za-z0-9+/=]", written)
        rest = len(written) % 4
        at = wrong.start() if wrong else len(written) - rest
        return f"illegal base64 data at input byte {at}"
    return ""
