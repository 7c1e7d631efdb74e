"""Discovery against what a real API server said of itself."""

import json
from pathlib import Path

import pytest

from app.sandbox.api import discovery
from app.sandbox.objects import Json, Obj, at, items, text, words
from app.sandbox.schemas.istio_crds import istio_crds
from app.sandbox.store.kinds import Kinds, kind_of_crd

RECORDED: list[Obj] = json.loads(
    (Path(__file__).parent / "recorded" / "discovery.json").read_text()
)
# What a real server has beside what this sandbox does, resource by resource.
LEFT_OUT = {"proxy", "resize", "binding"}


def with_istio() -> Kinds:
    kinds = Kinds()
    for crd in istio_crds():
        kinds.add(kind_of_crd(crd))
    return kinds


def resources(core: bool) -> dict[str, Obj]:
    document = discovery.aggregated(Kinds(), core=core)
    return {
        f"{text(group, 'metadata.name')}/{text(one, 'resource')}": one
        for group in items(document, "items")
        for version in items(group, "versions")
        for one in items(version, "resources")
    }


def without(resource: Obj) -> Obj:
    kept: list[Json] = [
        one for one in items(resource, "subresources") if text(one, "subresource") not in LEFT_OUT
    ]
    plain = {key: part for key, part in resource.items() if key != "subresources"}
    return {**plain, **({"subresources": kept} if kept else {})}


def test_resources_are_told_as_a_real_server_tells_them() -> None:
    ours = {**resources(core=True), **resources(core=False)}
    real = {
        f"{text(group, 'group')}/{text(one, 'resource')}": without(one)
        for group in RECORDED
        for one in items(group, "resources")
    }
    for name, told in real.items():
        assert ours[name] == told


def test_groups_come_in_the_order_of_a_real_server() -> None:
    document = discovery.api_groups(with_istio())
    names = [text(group, "name") for group in items(document, "groups")]
    assert names[:3] == ["apps", "authentication.k8s.io", "authorization.k8s.io"]
    assert names[-4:] == [
        "extensions.istio.io",
        "networking.istio.io",
        "security.istio.io",
        "telemetry.istio.io",
    ]


def test_stable_versions_come_before_others() -> None:
    group = discovery.api_group(with_istio(), "networking.istio.io")
    versions = [text(one, "version") for one in items(group, "versions")]
    assert versions == ["v1", "v1beta1", "v1alpha3"]
    assert at(group, "preferredVersion.version") == "v1"


@pytest.mark.parametrize(
    ("older", "newer"),
    [("v1", "v2"), ("v1beta1", "v1"), ("v1alpha3", "v1beta1"), ("x", "v1alpha1")],
)
def test_a_newer_version_ranks_first(older: str, newer: str) -> None:
    assert discovery.version_rank(newer) < discovery.version_rank(older)


def test_a_custom_resource_is_told_with_the_version_that_was_asked_for() -> None:
    document = discovery.aggregated(with_istio(), core=False)
    telemetry = items(document, "items")[-1]
    told = {
        text(version, "version"): text(items(version, "resources")[0], "responseKind.version")
        for version in items(telemetry, "versions")
    }
    assert told == {"v1": "v1", "v1alpha1": "v1alpha1"}


def test_a_list_names_each_resource_and_its_subresources() -> None:
    document = discovery.api_resources(Kinds(), "apps/v1")
    names = [text(one, "name") for one in items(document, "resources")]
    assert names == [
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "statefulsets",
        "statefulsets/scale",
        "statefulsets/status",
    ]
    assert text(document, "groupVersion") == "apps/v1"


def test_what_is_asked_and_never_stored_can_be_created_alone() -> None:
    document = discovery.api_resources(Kinds(), "authorization.k8s.io/v1")
    assert {verb for one in items(document, "resources") for verb in words(one, "verbs")} == {
        "create"
    }


def test_an_unknown_group_or_version_is_none() -> None:
    assert discovery.api_group(Kinds(), "networking.istio.io") is None
    assert discovery.api_group(Kinds(), "") is None
    assert discovery.api_resources(Kinds(), "apps/v9") is None


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        (f"{discovery.AGGREGATED},application/json", True),
        ("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", False),
        ("application/json", False),
    ],
)
def test_the_aggregated_document_is_sent_where_it_is_asked_for(accept: str, wants: bool) -> None:
    assert discovery.wants_aggregated(accept) is wants
