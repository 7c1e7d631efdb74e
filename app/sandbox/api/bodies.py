"""What a request's body holds: JSON, YAML or protobuf, of a size that is bearable."""

import json
from collections.abc import Mapping

import yaml
from starlette.requests import Request

from app.sandbox.api.call import Call
from app.sandbox.api.protobuf.decode import MEDIA_TYPE, decode
from app.sandbox.objects import Json, Obj, namespace_of, text
from app.sandbox.registry.ask import Patch
from app.sandbox.status import StatusError, bad_request
from app.sandbox.store.kinds import Kind

MOST_BYTES = 3 * 1024 * 1024  # as Kubernetes
MOST_NODES = 250_000  # values that a YAML body may come to, its aliases followed
KNOWN = f"application/json, application/yaml, {MEDIA_TYPE}"
PATCHES: Mapping[str, str] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


async def read(request: Request) -> bytes:
    """Return the body. Raises: StatusError 413."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_BYTES:
            message = f"Request entity too large: limit is {MOST_BYTES}"
            raise StatusError(413, "RequestEntityTooLarge", message)
        pieces.append(piece)
    return b"".join(pieces)


def media_type(request: Request) -> str:
    """Return the body's type without its parameters; JSON where none is said."""
    said = request.headers.get("content-type", "")
    return said.partition(";")[0].strip().lower() or "application/json"


async def read_object(request: Request, expected: str) -> Obj:
    """Return the object in a body; `expected` is its kind, for the sentence of a broken one.

    Raises: StatusError 400, 413, 415.
    """
    body, kind = await read(request), media_type(request)
    if kind == MEDIA_TYPE:
        return decode(body)
    if kind not in ("application/json", "application/yaml"):
        message = (
            "the body of the request was in an unknown format - accepted media types include: "
            f"{KNOWN}"
        )
        raise StatusError(415, "UnsupportedMediaType", message)
    try:
        found = parse_yaml(body) if kind == "application/yaml" else parse_json(body)
    except ValueError as error:
        told = f"the object provided is unrecognized (must be of type {expected}): "
        told += (
            "" if kind == "application/yaml" else "couldn't get version/kind; json parse error: "
        )
        raise bad_request(f"{told}{error} ({_quoted(body)})") from error
    if not isinstance(found, dict):
        raise bad_request(
            f"the object provided is unrecognized (must be of type {expected}): couldn't get "
            f"version/kind; json parse error: json: cannot unmarshal {_kind_of(found)} into Go "
            'value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
            f'Kind string "json:\\"kind,omitempty\\"" }} ({_quoted(body)})'
        )
    return found


def parse_json(body: bytes) -> Json:
    """Return what JSON holds. Raises: ValueError, in Go's words."""
    try:
        found: Json = json.loads(body, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error
    except UnicodeDecodeError as error:
        raise ValueError("invalid character in string literal") from error
    except json.JSONDecodeError as error:
        raise ValueError(_in_go(error)) from error
    return found


def parse_yaml(body: bytes) -> Json:
    """Return what YAML holds, as JSON would. Raises: ValueError."""
    try:
        return _plain(yaml.load(body, Loader=LOADER), [MOST_NODES])
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        problem = getattr(error, "problem", None) or error
        raise ValueError(f"yaml: {problem}") from error


def _plain(value: object, left: list[int]) -> Json:
    """Return loaded YAML as JSON has it; aliases may not make it boundless."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError("yaml: document contains excessive aliasing")
    if isinstance(value, dict):
        return {str(key): _plain(item, left) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, left) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _no_constant(name: str) -> Json:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _in_go(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        return "unexpected end of JSON input"
    found = error.doc[error.pos]
    wanted = {
        "Expecting property name enclosed in double quotes": "looking for beginning of object key "
        "string",
        "Illegal trailing comma before end of object": "looking for beginning of object key string",
        "Expecting value": "looking for beginning of value",
        "Expecting ':' delimiter": "after object key",
        "Expecting ',' delimiter": "after object key:value pair",
        "Extra data": "after top-level value",
    }
    return f"invalid character {found!r} {wanted.get(error.msg, 'in string literal')}"


def _quoted(body: bytes) -> str:
    head = body[:1024]
    return head.decode() if body.isascii() and body[:1] == b"{" else head.hex()


def _kind_of(value: Json) -> str:
    kinds = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    return kinds.get(type(value), "null")


async def read_patch(call: Call) -> Patch:
    """Return the patch in a body. Raises: StatusError 400, 413, 415."""
    kind = PATCHES.get(media_type(call.request))
    body = await read(call.request)
    if kind is None:
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type")
    try:
        found = parse_yaml(body) if kind == "apply" else parse_json(body)
    except ValueError as error:
        told = "" if kind == "strategic" else "error decoding patch: "
        raise bad_request(f"{told}{error}") from error
    if kind == "json":
        return Patch("json", found)
    if kind == "merge":
        return Patch("merge", found)
    return Patch("strategic" if kind == "strategic" else "apply", found)


def placed(call: Call, obj: Obj) -> Obj:
    """Return a body's object as the path means it: of that kind, in that namespace.

    Raises: StatusError 400 where it says otherwise.
    """
    target = call.target
    _check_kind(target.kind, target.version, obj)
    found = {} if obj.get("metadata") is None else obj["metadata"]
    if target.kind.namespaced and isinstance(found, dict):
        said = namespace_of(obj)
        if said and said != target.namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the "
                "request"
            )
        found = {**found, "namespace": target.namespace}
    return {
        **obj,
        "apiVersion": target.kind.api_version(target.version),
        "kind": target.kind.kind,
        "metadata": found,
    }


def _check_kind(kind: Kind, version: str, obj: Obj) -> None:
    said_kind, said_version = text(obj, "kind"), text(obj, "apiVersion")
    wanted = kind.api_version(version)
    if said_kind in ("", kind.kind) and said_version in ("", wanted):
        return
    short = said_version.rpartition("/")[2]
    start = f'{said_kind} in version "{short}" cannot be handled as a {kind.kind}: '
    if said_kind == kind.kind:
        raise bad_request(
            f'{start}no kind "{said_kind}" is registered for version "{said_version}" in scheme '
            '"pkg/runtime/scheme.go:111"'
        )
    raise bad_request(
        f"{start}converting (v1.{said_kind}) to (core.{kind.kind}): unknown conversion"
    )
