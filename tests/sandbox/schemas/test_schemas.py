"""Schemas of built-in kinds and of CRDs, their defaults, rules and merge keys."""

import time
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.sandbox.objects import Json, Obj, at
from app.sandbox.schemas.schemas import MergeRule, Schemas
from app.sandbox.store.kinds import Kinds, kind_of_crd


def crd(schema: Obj) -> Obj:
    """Return a CRD of one version, of the kind Cup."""
    return {
        "metadata": {"name": "cups.example.org"},
        "spec": {
            "group": "example.org",
            "scope": "Namespaced",
            "names": {"kind": "Cup", "plural": "cups"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": schema}},
                }
            ],
        },
    }


def with_cups(schema: Obj) -> Schemas:
    kinds = Kinds()
    kinds.add(kind_of_crd(crd(schema)))
    return Schemas.load(kinds)


def cup(**fields: Json) -> Obj:
    return {"apiVersion": "example.org/v1", "kind": "Cup", "metadata": {"name": "a"}, **fields}


def said(schemas: Schemas, obj: Obj, before: Obj | None = None) -> list[tuple[str, str]]:
    return [(cause.field, cause.message) for cause in schemas.errors(obj, before)]


def test_loading_reads_nothing_and_the_first_question_is_answered_at_once() -> None:
    start = time.perf_counter()
    Schemas.load().decode_error({"apiVersion": "v1", "kind": "Pod", "spec": {}})
    assert time.perf_counter() - start < 10


def test_schemas_that_were_not_generated_are_missed_with_what_mends_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Schemas.load(folder=tmp_path).decode_error({"apiVersion": "v1", "kind": "Pod"})
    assert refused.value.hint == "python tools/setup.py"


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (("spec", "template", "spec", "containers"), MergeRule(True, "name")),
        (("spec", "template", "spec", "containers", "ports"), MergeRule(True, "containerPort")),
        (("spec", "template", "spec", "volumes"), MergeRule(True, "name", retains_keys=True)),
        (("spec", "template", "spec", "tolerations"), MergeRule(False)),
        (("spec", "strategy"), MergeRule(False, retains_keys=True)),
        (("metadata", "finalizers"), MergeRule(True)),
        (("metadata", "labels"), MergeRule(False)),
        (("no", "such", "field"), MergeRule(False)),
    ],
)
def test_a_strategic_merge_treats_a_field(path: tuple[str, ...], rule: MergeRule) -> None:
    schemas = Schemas.load()
    deployments = schemas.kinds.get("deployments.apps")
    assert deployments is not None
    assert schemas.merge_key(deployments, path) == rule


def test_what_is_not_known_is_pruned_and_the_object_itself_is_left_alone() -> None:
    obj: Obj = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "lables": {"b": "c"}},
        "data": {"free": "text"},
        "dta": {},
    }
    kept = Schemas.load().prune(obj)
    assert kept["metadata"] == {"name": "a"}
    assert "dta" not in kept
    assert at(kept, "data.free") == "text"
    assert at(obj, "metadata.lables.b") == "c"


def test_a_custom_resource_gets_its_defaults_and_loses_nulls_that_are_not_allowed() -> None:
    schemas = with_cups(
        {
            "spec": {
                "type": "object",
                "properties": {
                    "size": {"type": "string", "default": "small"},
                    "lid": {"type": "string", "nullable": True},
                    "handle": {"type": "string"},
                },
            }
        }
    )
    pruned = schemas.prune(cup(spec={"lid": None, "handle": None}))
    assert pruned["spec"] == {"lid": None, "size": "small"}


def test_fields_that_a_schema_leaves_free_are_kept() -> None:
    free: Obj = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schemas = with_cups({"spec": {"type": "object", "properties": {"any": free}}})
    obj = cup(spec={"any": {"a": {"b": 1}}})
    assert schemas.unknown_fields(obj) == []
    assert schemas.prune(obj) == obj


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string", "pattern": "^a"}, "b", 'Invalid value: "b": spec in body should match'),
        ({"type": "string", "minLength": 2}, "b", "should be at least 2 chars long"),
        ({"type": "string", "maxLength": 1}, "bc", "Too long: may not be more than 1 bytes"),
        ({"type": "integer", "maximum": 3}, 4, "should be less than or equal to 3"),
        ({"type": "array", "maxItems": 1}, ["a", "b"], "Too many: 2: must have at most 1 items"),
        ({"type": "string", "enum": ["a", "b"]}, "c", 'supported values: "a", "b"'),
        ({"type": "object", "required": ["a"]}, {}, "Required value"),
        ({"not": {"type": "string"}}, "a", "must not validate the schema (not)"),
        ({"anyOf": [{"type": "integer"}]}, "a", "must validate at least one schema (anyOf)"),
        ({"allOf": [{"type": "integer"}]}, "a", "must validate all the schemas (allOf)"),
    ],
)
def test_a_value_that_breaks_its_schema_is_told(schema: Obj, value: str, message: str) -> None:
    told = said(with_cups({"spec": schema}), cup(spec=value))
    assert any(message in one for _, one in told)


def test_a_rule_that_compares_with_what_was_is_looked_at_on_a_change_alone() -> None:
    rule: Json = {"rule": "self == oldSelf", "message": "size is immutable"}
    size: Obj = {"type": "string", "x-kubernetes-validations": [rule]}
    schemas = with_cups({"spec": {"type": "object", "properties": {"size": size}}})
    small, big = cup(spec={"size": "small"}), cup(spec={"size": "big"})
    assert said(schemas, small) == []
    assert said(schemas, small, small) == []
    assert said(schemas, big, small) == [("spec.size", 'Invalid value: "big": size is immutable')]


def test_a_rule_without_a_message_is_quoted() -> None:
    ruled: Obj = {"type": "integer", "x-kubernetes-validations": [{"rule": "self < 3"}]}
    told = said(with_cups({"spec": ruled}), cup(spec=4))
    assert told == [("spec", "Invalid value: 4: failed rule: self < 3")]


def test_istios_kinds_are_all_there_with_the_versions_that_they_serve() -> None:
    kinds = [kind_of_crd(found) for found in Schemas.load().crds()]
    assert len(kinds) == 15
    routes = next(kind for kind in kinds if kind.kind == "VirtualService")
    assert routes.versions == ("v1", "v1alpha3", "v1beta1")
    assert routes.short == ("vs",)
    assert routes.categories == ("istio-io", "networking-istio-io")
