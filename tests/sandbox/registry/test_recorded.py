"""What a real API server (Kubernetes 1.35) said of new and changed objects, and what we say.

Left out of the recordings are sentences that quote the server's own Go structs.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Literal

import pytest

from app.sandbox.objects import Json, Obj, items, text
from app.sandbox.registry.ask import Ask, Patch
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import Kinds
from app.sandbox.store.store import Store

RECORDED = Path(__file__).parent / "recorded"
REFUSALS: list[Obj] = [
    *json.loads((RECORDED / "refusals.json").read_text()),
    *json.loads((RECORDED / "mutated.json").read_text()),
]
BEGIN, *CHANGES = json.loads((RECORDED / "changes.json").read_text())
TYPES: dict[str, Literal["json", "merge", "strategic"]] = {
    "json-patch+json": "json",
    "merge-patch+json": "merge",
    "strategic-merge-patch+json": "strategic",
}


def learner(*, dry_run: bool = True) -> Ask:
    return Ask(user="learner", dry_run=dry_run, field_validation="Strict")


@pytest.fixture
def registry() -> Registry:
    made = Registry(Store(Kinds()))
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}})
    account: Obj = {"name": "default", "namespace": "demo"}
    made.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    return made


@pytest.fixture
def begun(registry: Registry) -> Registry:
    """Return a registry that holds what the recorded changes began with."""
    for obj in BEGIN["objects"]:
        registry.create(placed(registry, obj), learner(dry_run=False))
    return registry


def placed(registry: Registry, obj: Obj) -> Obj:
    """Return a copy of an object in the namespace that its request named."""
    copy = deepcopy(obj)
    kind, meta = registry.kinds.of(copy), copy.get("metadata")
    if kind is not None and kind.namespaced and isinstance(meta, dict):
        meta["namespace"] = "demo"
    return copy


def told(error: StatusError) -> list[list[Json]]:
    return [[one.get("reason"), one.get("field")] for one in items(error.details, "causes")]


@pytest.mark.parametrize("case", REFUSALS, ids=[text(case, "case") for case in REFUSALS])
def test_a_new_object_is_taken_or_refused_as_by_a_real_server(
    case: Obj, registry: Registry
) -> None:
    obj, ask = case["object"], learner()
    assert isinstance(obj, dict)
    try:
        registry.create(placed(registry, obj), ask)
    except StatusError as error:
        said: list[Json] = [error.code, error.message, *told(error)]
    else:
        said = [201, ""]
    causes = case["causes"]
    assert isinstance(causes, list)
    assert said == [case["code"], case["message"], *causes]
    assert sorted(ask.warnings) == case["warnings"]


@pytest.mark.parametrize("case", CHANGES, ids=[text(case, "case") for case in CHANGES])
def test_a_change_is_taken_or_refused_as_by_a_real_server(case: Obj, begun: Registry) -> None:
    try:
        change(begun, case)
    except StatusError as error:
        said = [error.code, error.message]
    else:
        said = [200, ""]
    assert said == [case["code"], case["message"]]


def change(registry: Registry, case: Obj) -> Obj:
    body = deepcopy(case["body"])
    if text(case, "verb") == "PUT":
        assert isinstance(body, dict)
        return registry.update(placed(registry, body), learner())
    kind = next(kind for kind in registry.kinds if kind.kind == text(case, "kind"))
    patch = Patch(TYPES[text(case, "type")], body)
    return registry.patch(kind.resource, text(case, "name"), "demo", patch, learner())
