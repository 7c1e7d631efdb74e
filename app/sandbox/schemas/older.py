"""OpenAPI version 2: the types of all kinds in one document, without descriptions and paths.

kubectl reads it to check what it does not leave to the server: objects of kind List.
"""

from collections.abc import Iterable

from app.sandbox.objects import Json, Obj, table, text
from app.sandbox.schemas.documents import GVK, OWN, custom_name
from app.sandbox.schemas.references import closure
from app.sandbox.schemas.schemas import METADATA, Schemas, custom_schema
from app.sandbox.schemas.types import META
from app.sandbox.store.kinds import Kind

DEFINITIONS = "#/definitions/"
KEPT = ("required", "x-kubernetes-preserve-unknown-fields")
STRING: Obj = {"type": "string"}


def definitions(schemas: Schemas, kinds: Iterable[Kind]) -> Obj:
    """Return the document's definitions, by the names of the types."""
    types = schemas.types
    told: dict[str, list[Json]] = {}
    found: Obj = {}
    for kind in kinds:
        for version in kind.versions:
            group_version = kind.api_version(version)
            mark: Obj = {"group": kind.group, "kind": kind.kind, "version": version}
            if kind.crd is not None:
                found[custom_name(kind, version)] = {**_custom(kind, version), GVK: [mark]}
            elif name := types.name_of(group_version, kind.kind):
                told.setdefault(name, []).append(mark)
    for name in closure(types.get, [META, *told]):
        marks: Obj = {GVK: told[name]} if name in told else {}
        found[name] = {**_node(types.get(name)), **marks}
    return {name: found[name] for name in sorted(found)}


def _custom(kind: Kind, version: str) -> Obj:
    schema = custom_schema(kind, version)
    own: Obj = {name: METADATA if name == "metadata" else STRING for name in OWN}
    return _node({**schema, "type": "object", "properties": {**table(schema, "properties"), **own}})


def _node(node: Obj) -> Obj:
    """Return a node in the words of version 2."""
    if "$ref" in node:
        return {"$ref": DEFINITIONS + text(node, "$ref")}
    shown: Obj = {key: node[key] for key in KEPT if key in node}
    form = text(node, "format")
    if form in ("quantity", "int-or-string") or node.get("x-kubernetes-int-or-string") is True:
        return {"type": "string", **({"format": form} if form == "int-or-string" else {})}
    if text(node, "type"):
        shown["type"] = node["type"]
    if form:
        shown["format"] = form
    if isinstance(node.get("properties"), dict):
        shown["properties"] = {
            name: _node(part)
            for name, part in table(node, "properties").items()
            if isinstance(part, dict)
        }
    for inner in ("items", "additionalProperties"):
        part = node.get(inner)
        if isinstance(part, dict):
            shown[inner] = _node(part)
    return shown
