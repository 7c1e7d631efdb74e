"""How objects go: at once, with grace, by finalizers; and namespaces."""

import pytest
from sandbox.registry.objects import LEARNER, deployment, obj, pod, registry

from app.sandbox.objects import Obj, at, is_ending, number, table, text, words
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError


@pytest.fixture
def made() -> Registry:
    return registry()


def running(made: Registry, name: str = "web") -> Obj:
    return made.create({**pod(name, nodeName="minikube"), "status": {"phase": "Running"}})


def test_a_running_pod_has_its_grace(made: Registry) -> None:
    running(made)
    ending = made.delete("pods", "web", "default", LEARNER)
    assert is_ending(ending)
    assert number(ending, "metadata.deletionGracePeriodSeconds") == 30
    assert number(ending, "metadata.generation") == 2
    assert made.store.get("pods", "web", "default") is not None


def test_a_pod_without_a_node_goes_at_once(made: Registry) -> None:
    made.create(pod(), LEARNER)
    made.delete("pods", "web", "default", LEARNER)
    assert made.store.get("pods", "web", "default") is None


def test_no_grace_takes_a_pod_at_once_and_a_second_deletion_only_shortens(made: Registry) -> None:
    running(made)
    made.delete("pods", "web", "default", LEARNER, grace_s=20)
    longer = made.delete("pods", "web", "default", LEARNER, grace_s=40)
    assert number(longer, "metadata.deletionGracePeriodSeconds") == 20
    made.delete("pods", "web", "default", LEARNER, grace_s=0)
    assert made.store.get("pods", "web", "default") is None


def test_finalizers_hold_an_object_until_they_are_gone(made: Registry) -> None:
    held = obj("ConfigMap", "held")
    metadata: Obj = {**table(held, "metadata"), "finalizers": ["example.org/wait"]}
    made.create({**held, "metadata": metadata}, LEARNER)
    ending = made.delete("configmaps", "held", "default", LEARNER)
    assert is_ending(ending)
    more: Obj = {**table(ending, "metadata"), "finalizers": ["example.org/wait", "b.org/x"]}
    with pytest.raises(StatusError, match="no new finalizers can be added") as refused:
        made.update({**ending, "metadata": more}, LEARNER)
    assert 'found new finalizers []string{"b.org/x"}' in refused.value.message
    none: Obj = {**table(ending, "metadata"), "finalizers": []}
    made.update({**ending, "metadata": none}, LEARNER)
    assert made.store.get("configmaps", "held", "default") is None


def test_a_foreground_deletion_waits_for_the_dependents(made: Registry) -> None:
    made.create(deployment(), LEARNER)
    ending = made.delete("deployments.apps", "web", "default", LEARNER, propagation="Foreground")
    assert words(ending, "metadata.finalizers") == ["foregroundDeletion"]
    assert is_ending(ending)


def test_a_namespace_ends_until_it_is_finalized(made: Registry) -> None:
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "old"}}, LEARNER)
    ending = made.delete("namespaces", "old", "", LEARNER)
    assert text(ending, "status.phase") == "Terminating"
    with pytest.raises(StatusError) as refused:
        made.delete("namespaces", "old", "", LEARNER)
    assert (refused.value.code, refused.value.reason) == (409, "Conflict")
    made.update({**ending, "spec": {"finalizers": []}}, subresource="finalize")
    assert made.store.get("namespaces", "old") is None


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_some_namespaces_last(made: Registry, name: str) -> None:
    with pytest.raises(StatusError) as refused:
        made.delete("namespaces", name, "", Ask(user="learner", dry_run=True))
    expected = f'namespaces "{name}" is forbidden: this namespace may not be deleted'
    assert refused.value.message == expected


def test_a_precondition_that_does_not_hold_is_refused(made: Registry) -> None:
    made.create(obj("ConfigMap", "a"), LEARNER)
    with pytest.raises(StatusError, match="Precondition failed: UID in precondition: x"):
        made.delete("configmaps", "a", "default", LEARNER, preconditions={"uid": "x"})
    assert at(made.store.get("configmaps", "a", "default"), "metadata.uid")
