"""One VirtualService, or one DestinationRule, for a host."""

import pytest
from fakes import FakeCluster
from mesh_objects import JUST_NOW, LONG_AGO, Raw
from verdicts import verdict

from app.checks.result import Finding


def virtual_service(
    name: str, host: str = "backend", space: str = "mesh-demo", **spec: list[str]
) -> Raw:
    created = JUST_NOW if name.startswith("new") else LONG_AGO
    metadata: Raw = {"name": name, "namespace": space, "creationTimestamp": created}
    return {"kind": "VirtualService", "metadata": metadata, "spec": {"hosts": [host], **spec}}


def rule(name: str, host: str = "backend") -> Raw:
    metadata: Raw = {"name": name, "namespace": "mesh-demo", "creationTimestamp": LONG_AGO}
    return {"kind": "DestinationRule", "metadata": metadata, "spec": {"host": host}}


async def found(*things: Raw, kind: str = "VirtualService", name: str = "") -> Finding:
    wanted = {"kind": kind, "namespace": "mesh-demo", "host": "backend", "name": name}
    return await verdict("single", wanted, FakeCluster(things))


FULL = "backend.mesh-demo.svc.cluster.local"


@pytest.mark.parametrize("host", ["backend", FULL])
async def test_one_passes_however_it_writes_the_host(host: str) -> None:
    assert (await found(virtual_service("a", host))).passed
    assert (await found(rule("a", host), kind="DestinationRule")).passed


async def test_none_is_told() -> None:
    assert (await found(virtual_service("a", "frontend"))).reason == "none"


async def test_two_are_told_the_oldest_first() -> None:
    finding = await found(virtual_service("new-canary"), virtual_service("routing"))
    assert finding.reason == "two"
    assert "routing, new-canary" in finding.message
    assert "do not merge" in finding.message


async def test_two_rules_are_told_with_what_becomes_of_them() -> None:
    finding = await found(rule("a"), rule("b"), kind="DestinationRule")
    assert finding.reason == "two"
    assert "only one traffic policy" in finding.message


async def test_one_in_another_namespace_that_means_the_same_host_counts() -> None:
    finding = await found(virtual_service("a"), virtual_service("b", FULL, "default"))
    assert "b in namespace default" in finding.message


@pytest.mark.parametrize(
    "other",
    [
        virtual_service("b", "backend", "default"),
        virtual_service("b", gateways=["mesh-gateway"]),
    ],
)
async def test_one_that_does_not_speak_to_these_sidecars_does_not_count(other: Raw) -> None:
    assert (await found(virtual_service("a"), other)).passed


async def test_another_name_than_asked_for_is_told() -> None:
    finding = await found(virtual_service("a"), name="backend")
    assert finding.reason == "other-name"
    assert "it is a." in finding.message
