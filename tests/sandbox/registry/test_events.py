"""Events about objects, and how they are counted."""

from sandbox.registry.objects import pod, registry

from app.sandbox.objects import at, number, text
from app.sandbox.registry.events import Events


def test_the_same_again_is_counted() -> None:
    made = registry()
    events, web = Events(made), made.create(pod())
    for _ in range(3):
        events.record(web, "Warning", "BackOff", "Back-off", "kubelet", field="spec.containers{a}")
    events.record(web, "Normal", "Pulled", "Pulled", "kubelet")
    backed_off, pulled = made.store.list("events", "default")
    assert (number(backed_off, "count"), number(pulled, "count")) == (3, 1)
    assert text(backed_off, "involvedObject.fieldPath") == "spec.containers{a}"
    assert text(backed_off, "involvedObject.uid") == text(web, "metadata.uid")
    assert text(backed_off, "source.host") == "minikube"


def test_the_scheduler_tells_in_its_own_way() -> None:
    made = registry()
    events, web = Events(made), made.create(pod())
    events.record(web, "Normal", "Scheduled", "Successfully assigned", "default-scheduler")
    (told,) = made.store.list("events", "default")
    assert text(told, "action") == "Binding"
    assert at(told, "lastTimestamp") is None
    assert text(told, "eventTime")


def test_nothing_is_told_in_a_namespace_that_ends() -> None:
    made = registry()
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "old"}})
    web = made.create({**pod(), "metadata": {"name": "web", "namespace": "old"}})
    made.delete("namespaces", "old")
    Events(made).record(web, "Normal", "Killing", "Stopping container web", "kubelet")
    assert made.store.list("events", "old") == []
