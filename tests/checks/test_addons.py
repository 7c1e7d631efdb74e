"""Add-ons beside the control plane."""

import pytest
from fakes import FakeCluster
from mesh_objects import Raw, condition, crashed, deployment, pod, replica_set, waiting
from verdicts import verdict

from app.checks.istio import NAMESPACE

WANTED = {"deployments": ["prometheus", "kiali"]}
UNSCHEDULABLE = condition("PodScheduled", "False", "1 Insufficient memory.")


def addon(name: str, status: Raw | None = None, *conditions: Raw) -> list[Raw]:
    made = pod(name, sidecar="none", space=NAMESPACE, status=status, conditions=conditions)
    return [deployment(name, NAMESPACE), replica_set(name, space=NAMESPACE), made]


async def test_add_ons_that_run_pass() -> None:
    cluster = FakeCluster([*addon("prometheus"), *addon("kiali")])
    assert (await verdict("addons", WANTED, cluster)).passed


async def test_add_ons_that_are_not_there_are_named() -> None:
    finding = await verdict("addons", WANTED, FakeCluster(addon("kiali")))
    assert finding.reason == "missing-deployment"
    assert "not found there: prometheus." in finding.message


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (addon("kiali", waiting("ImagePullBackOff")), "image"),
        (addon("kiali", crashed(1)), "crash"),
        (addon("kiali", None, UNSCHEDULABLE), "no-resources"),
        (addon("kiali", waiting("ContainerCreating")), "not-ready"),
    ],
)
async def test_the_gravest_trouble_of_all_add_ons_is_told(broken: list[Raw], reason: str) -> None:
    slow = addon("prometheus", waiting("ContainerCreating"))
    finding = await verdict("addons", WANTED, FakeCluster([*slow, *broken]))
    assert finding.reason == reason


async def test_an_add_on_scaled_to_nothing_is_not_ready() -> None:
    idle = [deployment("kiali", NAMESPACE, replicas=0), replica_set("kiali", space=NAMESPACE)]
    finding = await verdict("addons", WANTED, FakeCluster([*addon("prometheus"), *idle]))
    assert finding.reason == "not-ready"
    assert "scaled to 0" in finding.message
