"""Reduces the schemas of the package `kubernetes-validate` to what the sandbox needs, at set-up.

Two files come of it: `fields.json` (types, required fields, merge keys) is read when an object is
first checked, `words.json` (descriptions) when `kubectl explain` first asks.
"""

import importlib.util
import json
import os
import re
import sys
from pathlib import Path

from app.errors import Unavailable
from app.sandbox.objects import Obj, items, table, text, words
from app.sandbox.schemas.references import closure

VERSION = "1.35"  # of Kubernetes, as the recorded cluster
FORMAT = 1  # of the files; one more when they change
GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
KEPT = (
    "type",
    "format",
    "required",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
)
# Types that are read from more than one kind of JSON value.
SPECIAL: dict[str, Obj] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"format": "quantity"},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"format": "int-or-string"},
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": "object", "free": True},
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": {"type": "object", "free": True},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": {"free": True},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": {
        "free": True
    },
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": {
        "free": True
    },
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": {
        "free": True
    },
}


def generate(target: Path, source: Path | None = None) -> None:
    """Write the sandbox's part of Kubernetes' schemas into the folder `target`.

    `source` is the folder of the package `kubernetes_validate`; by default the installed one.
    Raises: Unavailable where the package or its schemas are not there.
    """
    definitions = _definitions(source or _installed())
    kinds = _kinds(definitions)
    wanted = closure(definitions.__getitem__, kinds.values())
    fields: Obj = {
        "format": FORMAT,
        "version": VERSION,
        "kinds": {key: kinds[key] for key in sorted(kinds)},
        "types": {name: _reduced(name, definitions[name]) for name in wanted},
    }
    said: Obj = {name: _words(definitions[name]) for name in wanted}
    target.mkdir(parents=True, exist_ok=True)
    _write(target / "fields.json", fields)
    _write(target / "words.json", said)


def _installed() -> Path:
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or not found.submodule_search_locations:
        raise Unavailable(
            "The package kubernetes-validate is not installed.",
            hint="pip install kubernetes-validate",
        )
    return Path(next(iter(found.submodule_search_locations)))


def _definitions(package: Path) -> dict[str, Obj]:
    path = package / "kubernetes-json-schema" / f"v{VERSION}.0-local" / "_definitions.json"
    try:
        loaded: Obj = json.loads(path.read_bytes())
    except OSError as error:
        raise Unavailable(
            f"kubernetes-validate has no schemas of Kubernetes {VERSION}: {error}",
            hint="pip install --upgrade kubernetes-validate",
        ) from error
    return {name: node for name, node in table(loaded, "$defs").items() if isinstance(node, dict)}


def _kinds(definitions: dict[str, Obj]) -> dict[str, str]:
    """Return `apps/v1 Deployment` → the name of its type, for stable versions of GROUPS."""
    found: dict[str, str] = {}
    for name, node in definitions.items():
        listed = items(node, "x-kubernetes-group-version-kind")
        for told in listed if len(listed) < 3 else listed[:1]:
            group, version = text(told, "group"), text(told, "version")
            if group in GROUPS and re.fullmatch(r"v\d+", version):
                key = f"{group}/{version}".lstrip("/") + " " + text(told, "kind")
                found[key] = name
    return found


def _reduced(name: str, node: Obj) -> Obj:
    """Return a type without its descriptions and without what only a JSON schema says."""
    if name in SPECIAL:
        return SPECIAL[name]
    is_kind = "x-kubernetes-group-version-kind" in node
    return _field(node, drop_enum=is_kind)


def _field(node: Obj, *, drop_enum: bool = False) -> Obj:
    told = node.get("$ref")
    kept: Obj = {key: node[key] for key in KEPT if key in node}
    if isinstance(told, str):
        kept["$ref"] = told.rpartition("/")[2]
    type_ = kept.get("type")
    if isinstance(type_, list):
        kept["type"] = next(part for part in type_ if part != "null")
    if isinstance(node.get("properties"), dict):
        kept["properties"] = {
            name: _field(part)
            for name, part in table(node, "properties").items()
            if isinstance(part, dict)
        }
    for inner in ("items", "additionalProperties"):
        part = node.get(inner)
        if isinstance(part, dict):
            kept[inner] = _field(part)
    if words(node, "enum") and not drop_enum and len(words(node, "enum")) > 1:
        kept["enum"] = node["enum"]
    return kept


def _words(node: Obj) -> Obj:
    """Return a type's description under "" and its fields' under their names."""
    said: Obj = {"": node["description"]} if "description" in node else {}
    for name, part in table(node, "properties").items():
        if isinstance(part, dict) and "description" in part:
            said[name] = part["description"]
    return said


def _write(path: Path, content: Obj) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True))
    os.replace(fresh, path)


if __name__ == "__main__":
    generate(Path(sys.argv[1]), Path(sys.argv[2]))
