"""Who manages which field, and what applying on the server does with it."""

import dataclasses
import json

import pytest
from sandbox.registry.objects import LEARNER, deployment, obj, registry

from app.sandbox.objects import Json, Obj, at, items, text
from app.sandbox.registry.ask import Ask, Patch
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError

APPLYING = dataclasses.replace(LEARNER, field_manager="kubectl")
LAST = "kubectl.kubernetes.io/last-applied-configuration"


def apply(server: Registry, body: Obj, ask: Ask = APPLYING, subresource: str = "") -> Obj:
    """Apply an object on the server's side."""
    kind = server.kinds.of(body)
    assert kind is not None
    name = text(body, "metadata.name")
    patch = Patch("apply", body)
    return server.patch(kind.resource, name, "default", patch, ask, subresource=subresource)


def by(name: str, *, force: bool = False) -> Ask:
    """Return somebody who asks under another manager's name."""
    return dataclasses.replace(APPLYING, field_manager=name, force=force)


def managed(obj: Obj, name: str) -> Json:
    """Return the fields that one manager has, None where it has none."""
    found = [one for one in items(obj, "metadata.managedFields") if one["manager"] == name]
    return found[0]["fieldsV1"] if found else None


def config(**data: Json) -> Obj:
    return obj("ConfigMap", "config", data=data)


def put(server: Registry, made: Obj, manager: str) -> Obj:
    return server.update(made, by(manager))


def test_an_applier_owns_what_it_wrote_and_a_maker_also_what_was_filled_in() -> None:
    server = registry()
    applied = apply(server, deployment("one"))
    containers = at(managed(applied, "kubectl"), "f:spec.f:template.f:spec.f:containers")
    assert containers == {'k:{"name":"web"}': {".": {}, "f:image": {}, "f:name": {}}}
    made = server.create(deployment("two"), by("kubectl-create"))
    fields = managed(made, "kubectl-create")
    assert at(fields, "f:spec.f:strategy") == {
        "f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
        "f:type": {},
    }
    assert at(fields, "f:spec.f:selector") == {}
    assert at(fields, "f:status") is None


def test_what_others_manage_is_a_conflict_until_it_is_forced() -> None:
    server = registry()
    made = apply(server, config(a="1", b="1"))
    put(server, {**made, "data": {"a": "2", "b": "2"}}, "editor")
    with pytest.raises(StatusError) as refused:
        apply(server, config(a="3", b="2"))
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "editor" using v1: .data.a'
    )
    assert at(refused.value.details, "causes.0.reason") == "FieldManagerConflict"
    with pytest.raises(StatusError, match='2 conflicts: conflicts with "editor" using v1:\n- '):
        apply(server, config(a="3", b="3"))
    after = apply(server, config(a="3", b="2"), by("kubectl", force=True))
    assert after["data"] == {"a": "3", "b": "2"}
    assert managed(after, "editor") == {"f:data": {"f:b": {}}}  # the same value is shared


def test_what_is_applied_no_longer_goes_unless_somebody_else_has_it() -> None:
    server = registry()
    apply(server, config(a="1", b="1", c="1"))
    apply(server, config(b="1"), by("other"))
    after = apply(server, config(a="1"))
    assert after["data"] == {"a": "1", "b": "1"}
    assert managed(after, "other") == {"f:data": {"f:b": {}}}


def test_a_removed_item_of_a_list_goes_with_its_defaults() -> None:
    server = registry()
    body = deployment("web")
    spec = body["spec"]
    assert isinstance(spec, dict)
    two: list[Json] = [{"name": "web", "image": "nginx:1.27"}, {"name": "side", "image": "x"}]
    template: Obj = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": two}}
    apply(server, {**body, "spec": {**spec, "template": template}})
    after = apply(server, body)
    assert [text(one, "name") for one in items(after, "spec.template.spec.containers")] == ["web"]


def test_applying_the_same_again_changes_nothing() -> None:
    server = registry()
    first = apply(server, deployment())
    assert apply(server, deployment()) is first


def test_an_item_stays_in_its_place_and_a_new_one_comes_where_it_was_applied() -> None:
    server = registry()

    def web(*names: str) -> Obj:
        listed: list[Json] = [{"name": name, "image": "x"} for name in names]
        template: Obj = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": listed}}
        return {**deployment(), "spec": {"selector": {"matchLabels": {"app": "web"}},
                                         "template": template}}  # fmt: skip

    apply(server, web("a", "c"))
    after = apply(server, web("b", "c"), by("other"))
    names = [text(one, "name") for one in items(after, "spec.template.spec.containers")]
    assert names == ["a", "b", "c"]


def test_what_was_applied_on_the_clients_side_is_taken_over_without_a_conflict() -> None:
    server = registry()
    body = config(a="1")
    noted = json.dumps(body)
    meta: Obj = {"name": "config", "namespace": "default", "annotations": {LAST: noted}}
    server.create({**body, "metadata": meta}, by("kubectl-client-side-apply"))
    after = apply(server, config(a="2"))
    assert after["data"] == {"a": "2"}
    with pytest.raises(StatusError, match="conflict"):
        apply(server, config(a="3"), by("somebody"))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"replicas": "x"}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"zork": 1}, ".spec.zork: field not declared in schema"),
        ({"paused": "x"}, ".spec.paused: expected boolean, got &{x}"),
        ({"template": {"spec": {"containers": "x"}}}, "containers: expected list, got &{x}"),
        ({"template": {"spec": {"nodeName": 5}}}, "got &value.valueUnstructured{Value:5}"),
        (
            {"template": {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}},
            '.spec.template.spec.containers: duplicate entries for key [name="a"]',
        ),
        (
            {"template": {"spec": {"containers": ["a"]}}},
            "containers: element 0: associative list with keys may not have non-map elements",
        ),
    ],
)
def test_a_configuration_that_is_none_of_its_kind_is_refused(spec: Obj, said: str) -> None:
    with pytest.raises(StatusError) as refused:
        apply(registry(), obj("Deployment", "web", "apps/v1", spec=spec))
    start = "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): "
    assert refused.value.message.startswith(start)
    assert said in refused.value.message
    assert refused.value.code == 500


def test_applying_wants_a_managers_name_and_no_managers_in_the_object() -> None:
    with pytest.raises(StatusError, match="fieldManager: Required value"):
        apply(registry(), config(), by(""))
    body = config()
    body["metadata"] = {"name": "config", "managedFields": []}
    with pytest.raises(StatusError, match=r"metadata\.managedFields must be nil"):
        apply(registry(), body)


def test_a_dry_run_tells_the_outcome_and_keeps_nothing() -> None:
    server = registry()
    tried = apply(server, config(a="1"), dataclasses.replace(APPLYING, dry_run=True))
    assert managed(tried, "kubectl") == {"f:data": {"f:a": {}}}
    assert server.store.get("configmaps", "config", "default") is None


def test_parts_of_an_object_have_managers_of_their_own() -> None:
    server = registry()
    made = server.create(deployment(), by("kubectl-create"))
    changed: Obj = {**made, "status": {"replicas": 1}}
    after = server.update(changed, by("controller"), subresource="status")
    assert managed(after, "controller") == {"f:status": {"f:replicas": {}}}
    body: Obj = {**deployment(), "spec": {}, "status": {"replicas": 2}}
    with pytest.raises(StatusError, match='"controller" with subresource "status" using apps/v1'):
        apply(server, body, subresource="status")


def test_a_store_that_is_written_directly_keeps_managers_too() -> None:
    server = registry()
    made = server.create(deployment(), by("kubectl-create"))
    after = server.store.update({**made, "status": {"observedGeneration": 1}})
    found = [one for one in items(after, "metadata.managedFields") if "subresource" in one]
    assert [one["manager"] for one in found] == ["kube-controller-manager"]
    assert found[0]["fieldsV1"] == {"f:status": {"f:observedGeneration": {}}}


def test_many_writers_become_one_ancient_one() -> None:
    server = registry()
    made = server.create(config(a="1"), by("first"))
    for number in range(15):
        made = put(server, {**made, "data": {**data(made), f"k{number}": "1"}}, f"m{number:02}")
    entries = items(made, "metadata.managedFields")
    assert len(entries) <= 11
    assert managed(made, "ancient-changes") is not None


def data(obj: Obj) -> Obj:
    found = obj["data"]
    assert isinstance(found, dict)
    return found


def test_entries_that_a_writer_sends_along_are_taken() -> None:
    server = registry()
    made = server.create(config(a="1"), by("kubectl-client-side-apply"))
    moved = [{**items(made, "metadata.managedFields")[0], "manager": "me", "operation": "Apply"}]
    patch = Patch("json", [{"op": "replace", "path": "/metadata/managedFields", "value": [*moved]}])
    after = server.patch("configmaps", "config", "default", patch, by("kubectl"))
    assert [one["manager"] for one in items(after, "metadata.managedFields")] == ["me"]


def test_an_object_from_before_has_an_earlier_writer() -> None:
    server = registry()
    server.store.track = None
    server.store.create({**config(a="1"), "metadata": {"name": "config", "namespace": "default"}})
    with pytest.raises(StatusError, match='"before-first-apply" using v1: '):
        apply(server, config(a="2"))
