"""Subsets: defined for the host, known to callers, each with pods of its own."""

import pytest
from fakes import FakeCluster
from mesh_objects import LONG_AGO, Raw, pod
from verdicts import verdict

from app.checks.result import Finding
from app.clusters.objects import Json

SERVICE: Raw = {
    "kind": "Service",
    "metadata": {"name": "backend", "namespace": "mesh-demo"},
    "spec": {"selector": {"app": "backend"}, "ports": [{"port": 80}]},
}
WANTED = {
    "namespace": "mesh-demo",
    "host": "backend",
    "subsets": {"v1": {"version": "v1"}, "v2": {"version": "v2"}},
}


def version(name: str) -> Raw:
    """Return a ready pod of a version."""
    return pod(f"backend-{name}", metadata={"labels": {"app": "backend", "version": name}})


def labels(chosen: str) -> dict[str, Json]:
    return {"app": "backend"} if chosen == "all" else {"version": chosen}


def rule(name: str = "rule", host: str = "backend", space: str = "mesh-demo", **by: str) -> Raw:
    """Return a DestinationRule; `by` says which version each subset selects, or `all`."""
    subsets: list[Json] = [{"name": key, "labels": labels(by[key])} for key in by]
    return {
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": space, "creationTimestamp": LONG_AGO},
        "spec": {"host": host, "subsets": subsets},
    }


async def found(*rules: Raw) -> Finding:
    return await verdict(
        "subsets", WANTED, FakeCluster([SERVICE, version("v1"), version("v2"), *rules])
    )


async def test_subsets_of_one_rule_pass() -> None:
    finding = await found(rule(v1="v1", v2="v2"))
    assert finding.passed
    assert "v1 (1 ready), v2 (1 ready)" in finding.message


async def test_subsets_of_two_rules_are_taken_together() -> None:
    assert (await found(rule("one", v1="v1"), rule("two", v2="v2"))).passed


async def test_no_rule_is_told() -> None:
    assert (await found()).reason == "no-destinationrule"


async def test_a_rule_in_another_namespace_is_told_with_what_its_host_means_there() -> None:
    finding = await found(rule(space="default", v1="v1", v2="v2"))
    assert finding.reason == "other-namespace"
    assert "backend.default.svc.cluster.local" in finding.message


async def test_a_rule_for_another_host_is_named_with_that_host() -> None:
    finding = await found(rule(host="backends", v1="v1", v2="v2"))
    assert finding.reason == "wrong-host"
    assert "host backends" in finding.message


async def test_a_subset_that_is_not_defined_is_told_with_those_that_are() -> None:
    finding = await found(rule(v1="v1"))
    assert finding.reason == "no-subset"
    assert "define v1" in finding.message


@pytest.mark.parametrize(
    ("selects", "reason"), [("v22", "empty-subset"), ("v1", "wrong-labels")], ids=str
)
async def test_a_subset_of_the_wrong_pods_is_told(selects: str, reason: str) -> None:
    assert (await found(rule(v1="v1", v2=selects))).reason == reason


async def test_a_subset_that_takes_in_another_version_is_told() -> None:
    finding = await found(rule(v1="v1", v2="all"))
    assert finding.reason == "same-pods"
    assert "selects app=backend" in finding.message
