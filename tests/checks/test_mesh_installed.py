"""Istio's parts: all there, or the first that is not."""

import pytest
from fakes import FakeCluster
from mesh_objects import (
    Raw,
    condition,
    crashed,
    deployment,
    injector,
    named,
    pod,
    replica_set,
    waiting,
)
from verdicts import verdict

from app.checks.istio import COURSE_CRDS, NAMESPACE
from app.checks.result import Finding

PARTS = ("istiod", "istio-ingressgateway", "istio-egressgateway")
CRDS = [named("CustomResourceDefinition", name) for name in COURSE_CRDS]


def part(name: str, *pods: Raw, replicas: int = 1) -> list[Raw]:
    owned = list(pods) if pods or not replicas else [istio_pod(name)]
    return [
        deployment(name, NAMESPACE, replicas=replicas),
        replica_set(name, space=NAMESPACE),
        *owned,
    ]


def istio_pod(name: str, status: Raw | None = None, *conditions: Raw) -> Raw:
    return pod(name, sidecar="none", space=NAMESPACE, status=status, conditions=conditions)


def mesh(**changed: list[Raw]) -> list[Raw]:
    """A whole mesh; `istiod=[...]` replaces what stands for that part."""
    return [thing for name in PARTS for thing in changed.get(name, part(name))]


async def found(*things: Raw) -> Finding:
    return await verdict("mesh-installed", {}, FakeCluster(things))


async def test_a_whole_mesh_passes() -> None:
    assert (await found(*mesh(), *CRDS, injector())).passed


async def test_nothing_installed_is_said_so() -> None:
    assert (await found()).reason == "not-installed"


async def test_a_profile_without_a_gateway_names_the_missing_part() -> None:
    finding = await found(*part("istiod"), *part("istio-ingressgateway"), *CRDS, injector())
    assert finding.reason == "missing-deployment"
    assert "also hold istio-egressgateway" in finding.message


async def test_missing_kinds_are_named() -> None:
    finding = await found(*mesh(), *CRDS[1:], injector())
    assert finding.reason == "no-crds"
    assert COURSE_CRDS[0] in finding.message


async def test_a_missing_webhook_is_said() -> None:
    assert (await found(*mesh(), *CRDS)).reason == "no-webhook"


UNSCHEDULABLE = condition("PodScheduled", "False", "1 Insufficient memory.")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (istio_pod("istiod", waiting("ErrImagePull")), "image"),
        (istio_pod("istiod", crashed(1)), "crash"),
        (istio_pod("istiod", None, UNSCHEDULABLE), "no-resources"),
        (istio_pod("istiod", waiting("ContainerCreating")), "not-ready"),
    ],
)
async def test_a_pod_of_the_mesh_that_is_not_ready_is_told_with_its_cause(
    broken: Raw, reason: str
) -> None:
    finding = await found(*mesh(istiod=part("istiod", broken)), *CRDS, injector())
    assert finding.reason == reason
    assert "istiod" in finding.message


async def test_a_part_scaled_to_nothing_is_not_ready() -> None:
    finding = await found(*mesh(istiod=part("istiod", replicas=0)), *CRDS, injector())
    assert finding.reason == "not-ready"
    assert "scaled to 0" in finding.message
