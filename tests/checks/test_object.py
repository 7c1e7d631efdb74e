"""An object and its fields."""

import pytest
from fakes import FakeCluster
from mesh_objects import named, objects
from pydantic import ValidationError
from verdicts import verdict

from app.checks.kinds import KINDS

WANTED = {"kind": "VirtualService", "name": "backend", "namespace": "mesh-demo"}
CLUSTER = FakeCluster(
    objects(
        """
        kind: VirtualService
        metadata: {name: backend, namespace: mesh-demo}
        spec:
          hosts: [backend]
          http: [{timeout: 5s, retries: {attempts: 3}, route: [{destination: {host: backend}}]}]
        """
    )
)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"spec.http.0.timeout": "5s", "spec.http.0.retries.attempts": 3},
        {"spec.http.0.retries.attempts": "3"},
        {"spec.hosts": ["backend"]},
        {"spec.http.0.retries": {"attempts": 3}},
        {"spec.http.0.fault": None},
    ],
)
async def test_an_object_with_these_fields_passes(fields: dict[str, object]) -> None:
    assert (await verdict("object", {**WANTED, "fields": fields}, CLUSTER)).passed


async def test_a_missing_object_is_told_with_those_of_its_kind() -> None:
    finding = await verdict("object", {**WANTED, "name": "frontend"}, CLUSTER)
    assert finding.reason == "no-object"
    assert "There is: backend." in finding.message


@pytest.mark.parametrize(
    ("path", "wanted", "words"),
    [
        ("spec.http.0.timeout", "2s", "should be 2s, and is 5s"),
        ("spec.http.0.fault", "x", "is not set"),
        ("spec.http.0.timeout", None, "should not be set, and is 5s"),
        ("spec.hosts", ["backend", "b"], 'should be ["backend", "b"], and is ["backend"]'),
    ],
)
async def test_a_field_that_differs_is_told(path: str, wanted: object, words: str) -> None:
    finding = await verdict("object", {**WANTED, "fields": {path: wanted}}, CLUSTER)
    assert finding.reason == "field"
    assert words in finding.message


async def test_an_object_of_the_whole_cluster_needs_no_namespace() -> None:
    finding = await verdict(
        "object", {"kind": "Node", "name": "minikube"}, FakeCluster([named("Node", "minikube")])
    )
    assert finding.passed


def test_a_kind_that_the_lab_does_not_know_is_a_mistake_in_the_lesson() -> None:
    with pytest.raises(ValidationError, match="does not know the kind Podd"):
        KINDS["object"].bind({**WANTED, "kind": "Podd"})
