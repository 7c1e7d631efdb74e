"""All of preflight together: what it says with everything, with nothing, and when things hang."""

import asyncio

import pytest
from fakes import (
    BrokenCluster,
    FakeCluster,
    FakePrograms,
    ForbiddenCluster,
    NeverCluster,
    SlowCluster,
)

from app.clusters.cluster import PodRef
from app.clusters.kubeconfig import Context
from app.clusters.probes import Probes
from app.errors import ClusterUnavailable, Unavailable
from app.preflight.finding import Finding
from app.preflight.rights import WORK, rights
from app.preflight.run import run_preflight
from app.preflight.surroundings import Machine, Surroundings

MINIKUBE = Context("minikube", "minikube", "me", "default", "https://192.168.49.2:8443")
LINUX = Machine("linux", "amd64")
OUTSIDE = PodRef("mesh-dojo-outside", "probe")


def around(cluster: object, **more: object) -> Surroundings:
    return Surroundings(LINUX, FakePrograms(), MINIKUBE, cluster, **more)  # type: ignore[arg-type]


async def look(around: Surroundings, part_s: float = 5.0) -> dict[str, Finding]:
    findings = run_preflight(around, part_s=part_s, probes_s=part_s)
    return {finding.id: finding async for finding in findings}


async def test_with_nothing_installed_it_tells_how_to_get_a_cluster() -> None:
    trouble = ClusterUnavailable("There is no kubeconfig.", hint="Start a cluster.")
    found = await look(Surroundings(LINUX, FakePrograms(), trouble=trouble))
    assert set(found) == {"kubectl", "istioctl", "cluster", "minikube"}
    assert all(finding.state in ("problem", "warning") for finding in found.values())
    assert all(finding.mend and finding.why for finding in found.values())


@pytest.mark.parametrize("cluster", [BrokenCluster(), ForbiddenCluster()])
async def test_a_cluster_out_of_reach_is_one_finding_not_ten(cluster: object) -> None:
    found = await look(around(cluster))
    assert set(found) == {"kubectl", "istioctl", "cluster", "minikube"}
    assert found["cluster"].state == "problem"


async def test_a_cluster_that_never_answers_ends_in_time() -> None:
    found = await look(around(NeverCluster()), part_s=0.05)
    assert found["cluster"].state == "unknown"


async def test_parts_that_take_too_long_are_unknown_and_the_others_come() -> None:
    cluster = SlowCluster(delay_s=0.15)
    found = await look(around(cluster), part_s=0.25)
    assert found["rights"].state == "ok"
    assert found["leftovers"].state == "unknown"


async def test_findings_come_as_they_are_made() -> None:
    released = asyncio.Event()

    async def probes() -> Probes:
        await released.wait()
        return Probes(None, OUTSIDE)

    seen = []
    async for finding in run_preflight(around(FakeCluster(), probes=probes)):
        seen.append(finding.id)
        if {"rights", "room", "istio", "leftovers", "kubernetes"} <= set(seen):
            released.set()
    assert seen[-1] == "probes"


async def test_probes_that_cannot_be_made_are_a_problem_with_the_reason() -> None:
    async def probes() -> Probes:
        raise Unavailable("The image cannot be pulled.", hint="kubectl describe pod probe")

    found = await look(around(FakeCluster(), probes=probes))
    assert found["probes"].state == "problem"
    assert found["probes"].detail == "The image cannot be pulled."


async def test_in_what_looks_like_production_nothing_is_made() -> None:
    async def probes() -> Probes:
        raise AssertionError("made a probe in production")

    context = Context("prod", "prod", "me", "default", "https://10.0.0.1")
    here = Surroundings(LINUX, FakePrograms(), context, FakeCluster(), probes=probes)
    found = await look(here)
    assert found["production"].state == "problem"
    assert "probes" not in found


async def test_missing_rights_are_named_with_the_command_that_asks() -> None:
    cluster = FakeCluster(forbidden=["create VirtualService", "create ClusterRole"])
    [finding] = await rights(around(cluster), cluster)
    assert finding.state == "problem"
    assert "create VirtualService, create ClusterRole" in finding.detail
    command = "kubectl auth can-i create virtualservices.networking.istio.io -n mesh-demo"
    assert finding.mend == command


def test_every_right_has_a_command_that_asks_for_it() -> None:
    exec_right = next(right for right in WORK if right.subresource == "exec")
    assert exec_right.command == "kubectl auth can-i create pods/exec -n mesh-demo"


def test_a_finding_is_a_row_of_texts() -> None:
    row = Finding("a", "ok", "A").as_row()
    assert row == {
        "id": "a",
        "state": "ok",
        "title": "A",
        "detail": "",
        "why": "",
        "mend": "",
        "where": "",
    }
