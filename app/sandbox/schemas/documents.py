"""The OpenAPI v3 document of a group and version, for `kubectl explain`, `apply` and `diff`."""

import hashlib
import json
from collections.abc import Sequence

from app.sandbox.objects import Json, Obj, items, table, text
from app.sandbox.schemas.described import described
from app.sandbox.schemas.enums import ENUMS
from app.sandbox.schemas.references import closure
from app.sandbox.schemas.types import META, Types
from app.sandbox.store.kinds import Kind

COMPONENTS = "#/components/schemas/"
OWN = ("apiVersion", "kind", "metadata")
LIKE = "io.k8s.api.apps.v1.Deployment"
GVK = "x-kubernetes-group-version-kind"
PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
)
STRATEGIC = "application/strategic-merge-patch+json"
# What clients look for: whether the server checks fields and tries without storing.
PARAMETERS = ("dryRun", "fieldManager", "fieldValidation")
NOT_SHOWN = ("free", "$ref", "format")


def document(types: Types, kinds: Sequence[Kind], group_version: str) -> Obj:
    """Return the document: a path for each kind, and the types that they are made of."""
    version = group_version.rpartition("/")[2]
    paths: Obj = {}
    components: Obj = {}
    roots: list[str] = []
    for kind in kinds:
        paths.update(_paths(kind, version))
        if kind.crd is not None:
            components[custom_name(kind, version)] = _custom(types, kind, version)
            roots.append(META)
        else:
            roots += types.kinds(group_version).values()
    for name in closure(types.get, roots):
        components[name] = _component(types, name, group_version)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": types.version},
        "paths": paths,
        "components": {"schemas": {name: components[name] for name in sorted(components)}},
    }


def _paths(kind: Kind, version: str) -> Obj:
    """Return the two paths of a kind: its list, and one object."""
    base = f"/apis/{kind.group}/{version}" if kind.group else f"/api/{version}"
    scope = "/namespaces/{namespace}" if kind.namespaced else ""
    one = {"group": kind.group, "version": version, "kind": kind.kind}
    asked: list[Json] = [_parameter(name) for name in PARAMETERS]
    types = PATCHES if kind.crd is not None else (*PATCHES, STRATEGIC)
    body: Obj = {"content": {type_: {"schema": {"type": "object"}} for type_ in types}}
    listed: Obj = {
        "get": {"x-kubernetes-action": "list", GVK: {**one}},
        "post": {"x-kubernetes-action": "post", GVK: {**one}, "parameters": asked},
    }
    named: Obj = {
        "get": {"x-kubernetes-action": "get", GVK: {**one}},
        "put": {"x-kubernetes-action": "put", GVK: {**one}, "parameters": asked},
        "patch": {
            "x-kubernetes-action": "patch",
            GVK: {**one},
            "parameters": [*asked, _parameter("force", "boolean")],
            "requestBody": body,
        },
        "delete": {"x-kubernetes-action": "delete", GVK: {**one}},
    }
    path = f"{base}{scope}/{kind.plural}"
    return {path: listed, f"{path}/{{name}}": named}


def _parameter(name: str, type_: str = "string") -> Obj:
    return {"name": name, "in": "query", "schema": {"type": type_, "uniqueItems": True}}


def _component(types: Types, name: str, group_version: str) -> Obj:
    """Return a built-in type with its descriptions, as OpenAPI has it."""
    said = types.words.get(name)
    words = said if isinstance(said, dict) else {}
    type_ = types.get(name)
    shown = {**_described(words, ""), **_node(type_)}
    struct = name.rpartition(".")[2]
    if "properties" in type_:
        shown["properties"] = {
            field: _property(node, words, f"{struct}.{field}", field)
            for field, node in table(type_, "properties").items()
            if isinstance(node, dict)
        }
    group, _, version = group_version.rpartition("/")
    for kind, found in types.kinds(group_version).items():
        if found == name:
            shown[GVK] = [{"group": group, "kind": kind, "version": version}]
    return shown


def _property(node: Obj, words: Obj, path: str, field: str) -> Obj:
    shown = {**_described(words, field), **_node(node)}
    enum: list[Json] = [*ENUMS.get(path, [])]
    if enum and "items" in shown:
        shown["items"] = {**table(shown, "items"), "enum": enum}
    elif enum:
        shown["enum"] = enum
    return shown


def _described(words: Obj, field: str) -> Obj:
    return {"description": words[field]} if field in words else {}


def _node(node: Obj) -> Obj:
    """Return a node in OpenAPI's words; what refers to a type does it by `allOf`."""
    if "$ref" in node:
        told: list[Json] = [{"$ref": COMPONENTS + text(node, "$ref")}]
        rest = {key: part for key, part in node.items() if key.startswith("x-")}
        return {"allOf": told, **rest}
    shown: Obj = {key: part for key, part in node.items() if key not in ("properties", *NOT_SHOWN)}
    match text(node, "format"):
        case "quantity":
            return {"oneOf": [{"type": "string"}, {"type": "number"}]}
        case "int-or-string":
            return {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}
        case "":
            pass
        case format_:
            shown["format"] = format_
    for inner in ("items", "additionalProperties"):
        part = node.get(inner)
        if isinstance(part, dict):
            shown[inner] = _node(part) if inner == "items" else _inner(part)
    return shown


def _inner(node: Obj) -> Obj:
    shown = _node(node)
    told = items(shown, "allOf")
    return told[0] if len(told) == 1 and len(shown) == 1 else shown


def custom_name(kind: Kind, version: str) -> str:
    """Return a custom kind's type: its group backwards, its version and its name."""
    return ".".join([*reversed(kind.group.split(".")), version, kind.kind])


def _custom(types: Types, kind: Kind, version: str) -> Obj:
    """Return a CRD's schema with its own words, or ours for Istio's fields."""
    found = items(kind.crd, "spec.versions")
    named = [entry for entry in found if text(entry, "name") == version] or found
    schema = described(kind.resource, table(named[0], "schema.openAPIV3Schema"))
    # Every kind tells these three in the same words.
    known = table(_component(types, LIKE, ""), "properties")
    own: Obj = {name: known[name] for name in OWN if name in known}
    return {
        **schema,
        "properties": {**table(schema, "properties"), **own},
        GVK: [{"group": kind.group, "kind": kind.kind, "version": version}],
    }


def fingerprint(kinds: Sequence[Kind], version: str) -> str:
    """Return a word that changes when a document of these kinds does."""
    seen = [
        [kind.resource, *kind.versions, text(kind.crd, "metadata.resourceVersion")]
        for kind in kinds
    ]
    written = json.dumps([version, sorted(seen)]).encode()
    return hashlib.sha256(written).hexdigest()[:32].upper()
