"""Istio's CustomResourceDefinitions, made whole from the facts in istio/crds.json."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.sandbox.objects import Json, Obj, items, table, text, words

FACTS = Path(__file__).parent / "istio" / "crds.json"


@cache
def istio_crds() -> tuple[Obj, ...]:
    """Return the definitions by name, without the labels that an install gives them.

    The objects share their parts: they are read, never changed.
    """
    facts: Obj = json.loads(FACTS.read_bytes())
    shared = table(facts, "shared")
    crds = table(facts, "crds")
    return tuple(_definition(name, _at(crds, name), shared) for name in crds)


@cache
def istio_patterns() -> frozenset[str]:
    """Return the patterns that the definitions hold."""
    facts: Json = json.loads(FACTS.read_bytes())
    return frozenset(_patterns(facts))


def _patterns(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        told = node.get("pattern")
        if isinstance(told, str):
            yield told
        for part in node.values():
            yield from _patterns(part)
    elif isinstance(node, list):
        for part in node:
            yield from _patterns(part)


def _at(crds: Obj, name: str) -> Obj:
    """Return a CRD's facts; its name holds dots, so that it is no path."""
    found = crds[name]
    return found if isinstance(found, dict) else {}


def _definition(name: str, facts: Obj, shared: Obj) -> Obj:
    schema = _whole(table(facts, "schema"), shared)
    stored = text(facts, "stored")
    versions: list[Json] = []
    for version in words(facts, "versions"):
        columns: list[Json] = [*items(facts, "columns")]
        versions.append(
            {
                "name": version,
                "served": True,
                "storage": version == stored,
                "schema": {"openAPIV3Schema": schema},
                "subresources": {"status": {}},
                **({"additionalPrinterColumns": columns} if columns else {}),
            }
        )
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name, "annotations": {"helm.sh/resource-policy": "keep"}},
        "spec": {
            "group": text(facts, "group"),
            "names": table(facts, "names"),
            "scope": text(facts, "scope"),
            "versions": versions,
            "conversion": {"strategy": "None"},
        },
    }


def _whole(node: Json, shared: Obj) -> Json:
    """Return a schema with its shared parts in their places."""
    if isinstance(node, list):
        return [_whole(part, shared) for part in node]
    if not isinstance(node, dict):
        return node
    name = node.get("shared")
    if isinstance(name, str):
        return _whole(shared[name], shared)
    return {key: _whole(part, shared) for key, part in node.items()}
