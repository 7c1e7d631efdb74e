"""What the registry takes and refuses, in the words of a real API server."""

import pytest
from sandbox.registry.objects import LEARNER, crd, deployment, obj, pod, registry, robot, service

from app.sandbox.objects import Obj, at, is_ending, name_of, number, table, text
from app.sandbox.registry.ask import Ask, Patch
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError, forbidden


@pytest.fixture
def made() -> Registry:
    return registry()


def refusal(refused: pytest.ExceptionInfo[StatusError]) -> tuple[int, str, str]:
    return refused.value.code, refused.value.reason, refused.value.message


def test_a_second_object_of_a_name_is_refused(made: Registry) -> None:
    made.create(deployment(), LEARNER)
    with pytest.raises(StatusError) as refused:
        made.create(deployment(), LEARNER)
    assert refusal(refused) == (409, "AlreadyExists", 'deployments.apps "web" already exists')


def test_nothing_comes_into_a_namespace_that_is_not_there(made: Registry) -> None:
    with pytest.raises(StatusError) as refused:
        made.create({**pod(), "metadata": {"name": "web", "namespace": "nowhere"}}, LEARNER)
    assert refusal(refused) == (404, "NotFound", 'namespaces "nowhere" not found')


def test_nothing_comes_into_a_namespace_that_is_ending(made: Registry) -> None:
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "old"}})
    made.delete("namespaces", "old")
    with pytest.raises(StatusError) as refused:
        made.create({**pod(), "metadata": {"name": "web", "namespace": "old"}}, LEARNER)
    assert refused.value.message == (
        'pods "web" is forbidden: unable to create new content in namespace old because it is '
        "being terminated"
    )
    assert at(refused.value.details, "causes.0.reason") == "NamespaceTerminating"


def test_an_unknown_field_is_refused_where_the_asker_is_strict(made: Registry) -> None:
    wrong = deployment(replica=1)
    with pytest.raises(StatusError) as refused:
        made.create(wrong, LEARNER)
    assert refusal(refused) == (
        400,
        "BadRequest",
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        'unknown field "spec.replica"',
    )
    ask = Ask(user="learner", field_validation="Warn")
    assert "replica" not in table(made.create(wrong, ask), "spec")
    assert ask.warnings == ['unknown field "spec.replica"']


def test_a_name_is_made_up_of_a_prefix(made: Registry) -> None:
    unnamed = {**pod(), "metadata": {"generateName": "web-", "namespace": "default"}}
    name = name_of(made.create(unnamed, LEARNER))
    assert name.startswith("web-")
    assert len(name) == len("web-") + 5


def test_what_a_client_may_not_write_is_not_taken(made: Registry) -> None:
    metadata: Obj = {"name": "a", "namespace": "default", "uid": "mine", "generation": 7}
    stored = made.create(
        {**deployment("a"), "metadata": metadata, "status": {"replicas": 3}}, LEARNER
    )
    assert text(stored, "metadata.uid") != "mine"
    assert number(stored, "metadata.generation") == 1
    assert table(stored, "status") == {}


def test_a_dry_run_stores_nothing(made: Registry) -> None:
    dry = Ask(user="learner", dry_run=True)
    shown = made.create(pod(), dry)
    assert text(shown, "metadata.uid")
    assert made.store.get("pods", "web", "default") is None
    made.create(pod(), LEARNER)
    made.delete("pods", "web", "default", dry)
    assert made.store.get("pods", "web", "default") is not None


def test_a_change_of_an_older_version_is_refused(made: Registry) -> None:
    stored = made.create(deployment(), LEARNER)
    made.update({**stored, "spec": {**table(stored, "spec"), "replicas": 2}}, LEARNER)
    with pytest.raises(StatusError) as refused:
        made.update({**stored, "spec": {**table(stored, "spec"), "replicas": 3}}, LEARNER)
    assert refusal(refused) == (
        409,
        "Conflict",
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; '
        "please apply your changes to the latest version and try again",
    )


def test_a_selector_cannot_be_changed(made: Registry) -> None:
    stored = made.create(deployment(), LEARNER)
    other: Obj = {"matchLabels": {"app": "x"}}
    with pytest.raises(StatusError) as refused:
        made.update({**stored, "spec": {**table(stored, "spec"), "selector": other}}, LEARNER)
    assert refused.value.message == (
        'Deployment.apps "web" is invalid: [spec.template.metadata.labels: Invalid value: '
        '{"app":"web"}: `selector` does not match template `labels`, spec.selector: Invalid '
        'value: {"matchLabels":{"app":"x"}}: field is immutable]'
    )


def test_status_and_spec_are_changed_apart(made: Registry) -> None:
    stored = made.create(deployment(), LEARNER)
    both: Obj = {
        **stored,
        "spec": {**table(stored, "spec"), "replicas": 5},
        "status": {"replicas": 5},
    }
    after = made.update(both, subresource="status")
    assert (number(after, "spec.replicas"), number(after, "status.replicas")) == (1, 5)
    assert number(after, "metadata.generation") == 1
    again = {**after, "spec": {**table(stored, "spec"), "replicas": 5}, "status": {}}
    after = made.update(again)
    assert (number(after, "spec.replicas"), number(after, "status.replicas")) == (5, 5)


def test_admission_mutates_before_validation_and_refuses_after(made: Registry) -> None:
    class Gate:
        """Labels what comes, and refuses what is called bad."""

        def mutate(self, obj: Obj, before: Obj | None, ask: Ask) -> Obj:
            return {**obj, "metadata": {**table(obj, "metadata"), "labels": {"seen": "yes"}}}

        def validate(self, obj: Obj | None, before: Obj | None, ask: Ask) -> None:
            if obj and name_of(obj) == "bad":
                raise forbidden("configmaps", "bad", "no such thing")

    made.admission.append(Gate())
    good = made.create(obj("ConfigMap", "good"), LEARNER)
    assert text(good, "metadata.labels.seen") == "yes"
    with pytest.raises(StatusError, match="no such thing"):
        made.create(obj("ConfigMap", "bad"), LEARNER)
    assert made.store.get("configmaps", "bad", "default") is None


def test_a_crd_adds_its_kind_and_takes_its_objects_along(made: Registry) -> None:
    with pytest.raises(StatusError, match='no matches for kind "Robot" in version'):
        made.create(robot(), LEARNER)
    stored = made.create(crd(), LEARNER)
    assert at(stored, "status.conditions.1.type") == "Established"
    made.create(robot(version="v1beta1", arms=2), LEARNER)
    found = made.store.get("robots.example.org", "r2", "default")
    assert found is not None
    assert found["apiVersion"] == "example.org/v1"
    made.delete("customresourcedefinitions.apiextensions.k8s.io", "robots.example.org")
    assert made.kinds.get("robots.example.org") is None
    assert made.store.list("robots.example.org") == []


def test_a_custom_resource_is_replaced_only_with_its_version(made: Registry) -> None:
    made.create(crd(), LEARNER)
    made.create(robot(), LEARNER)
    with pytest.raises(StatusError) as refused:
        made.update(robot(arms=3), LEARNER)
    assert refused.value.message == (
        'Robot.example.org "r2" is invalid: metadata.resourceVersion: Invalid value: 0x0: must '
        "be specified for an update"
    )


def test_a_patch_is_put_to_the_object_as_it_is(made: Registry) -> None:
    made.create(deployment(), LEARNER)
    patch = Patch("strategic", {"spec": {"replicas": 4}})
    after = made.patch("deployments.apps", "web", "default", patch, LEARNER)
    assert number(after, "spec.replicas") == 4
    assert number(after, "metadata.generation") == 2


def test_a_strict_patch_with_an_unknown_field_is_quoted(made: Registry) -> None:
    made.create(deployment(), LEARNER)
    patch = Patch("strategic", {"spec": {"foo": 1}})
    with pytest.raises(StatusError) as refused:
        made.patch("deployments.apps", "web", "default", patch, LEARNER)
    assert refused.value.code == 422
    assert refused.value.message == (
        ' "" is invalid: patch: Invalid value: "map[spec:map[foo:1]]": strict decoding error: '
        'unknown field "spec.foo"'
    )


def test_a_pod_of_an_account_that_is_not_there_is_refused(made: Registry) -> None:
    with pytest.raises(StatusError) as refused:
        made.create(pod(serviceAccountName="nobody"), LEARNER)
    assert refusal(refused) == (
        403,
        "Forbidden",
        'pods "web" is forbidden: error looking up service account default/nobody: '
        'serviceaccount "nobody" not found',
    )


def test_whoever_makes_what_nothing_acts_on_is_told(made: Registry) -> None:
    ask = Ask(user="learner")
    made.create(obj("ResourceQuota", "q", spec={"hard": {"pods": "1"}}), ask)
    assert ask.warnings == ["the sandbox keeps ResourceQuotas but does not enforce them"]


def test_a_service_type_change_gives_up_what_it_no_longer_has(made: Registry) -> None:
    stored = made.create(service(type="NodePort"), LEARNER)
    assert number(stored, "spec.ports.0.nodePort") in range(30000, 32768)
    patch = Patch("merge", {"spec": {"type": "ClusterIP"}})
    after = made.patch("services", "web", "default", patch, LEARNER)
    assert at(after, "spec.ports.0.nodePort") is None
    assert text(after, "spec.clusterIP") == text(stored, "spec.clusterIP")
    assert not is_ending(after)
