"""Defaults: what a real API server made of the same objects."""

import json
from collections.abc import Iterator
from pathlib import Path

from sandbox.registry.objects import LEARNER, obj, pod, registry, service

from app.sandbox.objects import Json, Obj, at, items, namespace_of, strings, table, text, words
from app.sandbox.registry.ask import Ask

RECORDED = Path(__file__).parents[2] / "recorded"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
GIVEN = ("clusterIP", "clusterIPs")
STATES = ("two-services", "ingress-gateway", "observability", "circuit-breaking")


def applied() -> Iterator[tuple[Obj, Obj]]:
    """Yield what a learner applied, with what the real server made of it."""
    for state in STATES:
        found = json.loads((RECORDED / state / "objects.json").read_bytes())
        for recorded in found.values():
            written = strings(recorded, "metadata.annotations").get(APPLIED)
            if written:
                yield json.loads(written), recorded


def without_addresses(spec: Json) -> Json:
    if not isinstance(spec, dict):
        return spec
    return {key: value for key, value in spec.items() if key not in GIVEN}


def test_what_was_applied_to_a_real_cluster_gets_the_same_defaults() -> None:
    made, seen = registry(), set[str]()
    dry = Ask(user="learner", dry_run=True)
    for sent, recorded in applied():
        if str(sent) in seen or not made.kinds.of(sent):
            continue
        seen.add(str(sent))
        namespace = namespace_of(sent)
        if namespace and not made.store.get("namespaces", namespace):
            made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        ours = made.create(sent, dry)
        for field in ("spec", "data", "rules", "subjects"):
            assert without_addresses(ours.get(field)) == without_addresses(recorded.get(field))
    assert len(seen) > 10


def test_a_pod_gets_what_admission_adds() -> None:
    made = registry()
    stored = made.create(pod(), LEARNER)
    assert text(stored, "spec.serviceAccountName") == "default"
    assert text(stored, "status.qosClass") == "BestEffort"
    assert [item["key"] for item in items(stored, "spec.tolerations")] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]
    mounted = text(stored, "spec.containers.0.volumeMounts.0.name")
    assert mounted.startswith("kube-api-access-")
    assert text(stored, "spec.volumes.0.name") == mounted


def test_an_image_without_a_tag_is_pulled_always() -> None:
    made = registry()
    for name, image, policy in (
        ("a", "nginx", "Always"),
        ("b", "nginx:latest", "Always"),
        ("c", "nginx:1.27", "IfNotPresent"),
        ("d", "localhost:5000/nginx", "Always"),
        ("e", "nginx@sha256:" + "0" * 64, "IfNotPresent"),
    ):
        stored = made.create(pod(name, containers=[{"name": "web", "image": image}]), LEARNER)
        assert text(stored, "spec.containers.0.imagePullPolicy") == policy, image


def test_a_job_chooses_its_pods_by_its_uid() -> None:
    template: Obj = {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "busybox"}]}
    }
    stored = registry().create(obj("Job", "once", "batch/v1", spec={"template": template}), LEARNER)
    uid = text(stored, "metadata.uid")
    assert table(stored, "spec.selector.matchLabels") == {"batch.kubernetes.io/controller-uid": uid}
    labels = strings(stored, "spec.template.metadata.labels")
    assert labels["job-name"] == "once"


def test_a_secret_is_written_as_text_and_read_as_data() -> None:
    stored = registry().create(obj("Secret", "s", stringData={"key": "value"}), LEARNER)
    assert table(stored, "data") == {"key": "dmFsdWU="}
    assert "stringData" not in stored


def test_services_get_addresses_of_their_own() -> None:
    made = registry()
    first, second = made.create(service("a"), LEARNER), made.create(service("b"), LEARNER)
    assert text(first, "spec.clusterIP").startswith("10.96.")
    assert words(first, "spec.clusterIPs") != words(second, "spec.clusterIPs")
    headless = made.create(service("c", clusterIP="None"), LEARNER)
    assert words(headless, "spec.clusterIPs") == ["None"]
    named = made.create(
        service("d", type="ExternalName", externalName="example.org", ports=None), LEARNER
    )
    assert at(named, "spec.clusterIP") is None
