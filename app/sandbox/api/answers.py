"""Answers: objects, lists and tables in the shape that was asked for, and refusals."""

import json
from collections.abc import Iterable, Sequence
from functools import partial

import yaml
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.api.call import Call
from app.sandbox.api.tables.table import table as rows
from app.sandbox.api.tables.table import wants_table
from app.sandbox.objects import Json, Obj, table
from app.sandbox.registry.ask import Ask
from app.sandbox.status import StatusError

JSON = "application/json"
AVAILABLE = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
META = "meta.k8s.io/v1"
HEAD = ("kind", "apiVersion", "metadata")
METADATA = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)
MAPS = ("labels", "annotations")
DETAILED = (403, 404, 405, 406)  # refusals that have details even where they are empty
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
dumps = partial(json.dumps, separators=(",", ":"), ensure_ascii=False)


def encoded(value: Json) -> bytes:
    """Return a value as JSON, in bytes."""
    return dumps(value).encode("utf-8", "surrogatepass")


def answer(value: Json, code: int = 200, *, media_type: str = JSON) -> Response:
    """Return an answer of JSON."""
    return Response(encoded(value) + b"\n", code, media_type=media_type)


def refused(error: StatusError) -> Response:
    """Return the answer that a refusal is."""
    status = error.status()
    details = {key: value for key, value in error.details.items() if value != ""}
    if details or error.code in DETAILED or error.message.startswith("415: "):
        status["details"] = details
    response = answer(status, error.code)
    if error.code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="kubernetes-master"'
    return response


def acceptable(request: Request) -> str:
    """Return the type to answer with: JSON or YAML. Raises: StatusError 406."""
    said = request.headers.get("accept", "")
    for part in said.split(","):
        kind, _, rest = part.strip().partition(";")
        if kind in ("", "*/*", "application/*", JSON) and "as=APIGroup" not in rest:
            return JSON
        if kind == "application/yaml":
            return kind
    message = f"406: Not Acceptable\n\nAvailable representations: {AVAILABLE}"
    raise StatusError(406, "NotAcceptable", message)


class Shape:
    """The shape in which a client wants objects: whole, as rows of a table, or names alone."""

    def __init__(self, call: Call) -> None:
        accept = call.request.headers.get("accept", "")
        self._kind = call.target.kind
        self._version = call.target.version
        self._include = call.query("includeObject") or "Metadata"
        self.media_type = acceptable(call.request)
        self.is_table = wants_table(accept)
        self.is_partial = not self.is_table and "as=PartialObjectMetadata" in accept

    def versioned(self, obj: Obj) -> Obj:
        """Return an object in the version of the path."""
        wanted = self._kind.api_version(self._version)
        if self._kind.crd is not None:
            return sorted_by_name({**obj, "apiVersion": wanted})
        rest = {name: value for name, value in obj.items() if name not in HEAD}
        meta = _ordered(table(obj, "metadata"))
        return {"kind": self._kind.kind, "apiVersion": wanted, "metadata": meta, **rest}

    def one(self, obj: Obj, *, with_columns: bool = True) -> Obj:
        """Return one object in that shape."""
        if self.is_table:
            return self._table([obj], None, with_columns=with_columns)
        if self.is_partial:
            return _partial(obj)
        return self.versioned(obj)

    def many(self, objects: Sequence[Obj], metadata: Obj) -> Obj:
        """Return a list of objects in that shape."""
        if self.is_table:
            return self._table(objects, metadata, with_columns=True)
        if self.is_partial:
            found: list[Json] = [_partial(obj) for obj in objects]
            kind, version = "PartialObjectMetadataList", META
        else:
            found = [self._listed(self.versioned(obj)) for obj in objects]
            kind = f"{self._kind.kind}List"
            version = self._kind.api_version(self._version)
        if self._kind.crd is not None and not self.is_partial:
            metadata = {"continue": "", **metadata}
            return {"apiVersion": version, "items": found, "kind": kind, "metadata": metadata}
        return {"kind": kind, "apiVersion": version, "metadata": metadata, "items": found}

    def _listed(self, obj: Obj) -> Obj:
        """Return an object as a list has it: of built-in ones the list tells the kind."""
        if self._kind.crd is not None:
            return obj
        return {name: value for name, value in obj.items() if name not in ("kind", "apiVersion")}

    def _table(self, objects: Sequence[Obj], metadata: Obj | None, *, with_columns: bool) -> Obj:
        return rows(
            self._kind,
            objects,
            include=self._include,
            version=self._version,
            metadata=metadata,
            with_columns=with_columns,
        )


def _ordered(meta: Obj) -> Obj:
    """Return metadata in the order of the Go struct's fields."""
    kept: Obj = {name: meta[name] for name in METADATA if name in meta}
    maps: Obj = {name: _sorted(meta[name]) for name in MAPS if name in meta}
    return {**kept, **meta, **maps}


def sorted_by_name(obj: Obj) -> Obj:
    """Return a custom resource as Go writes a map: each object's fields by name."""
    return {name: _sorted(obj[name]) for name in sorted(obj)}


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return sorted_by_name(value)
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def _partial(obj: Obj) -> Obj:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": META,
        "metadata": obj.get("metadata"),
    }


def shaped(call: Call, value: Obj, code: int = 200, ask: Ask | None = None) -> Response:
    """Return an answer as JSON or YAML, with the warnings that came up."""
    kind = acceptable(call.request)
    if kind == JSON:
        response = answer(value, code)
    else:
        written = yaml.dump(value, Dumper=DUMPER, default_flow_style=False)
        response = Response(written, code, media_type=kind)
    warn(response, ask.warnings if ask else ())
    return response


def warn(response: Response, warnings: Iterable[str]) -> None:
    """Tell warnings with an answer, each once."""
    for warning in dict.fromkeys(warnings):
        escaped = warning.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        response.headers.append("Warning", f'299 - "{escaped}"')
