"""What a learner without a cluster is told, and what is said of minikube's own."""

import json
from dataclasses import replace

import pytest
from fakes import FakeCluster, FakePrograms

from app.clusters.kubeconfig import Context
from app.clusters.sandbox import NAME
from app.preflight.minikube import of_cluster, without_cluster
from app.preflight.surroundings import Machine, Surroundings

LINUX = Machine("linux", "arm64")
CONTEXT = Context("minikube", "minikube", "me", "default", "https://192.168.49.2:8443")
NODE = {
    "kind": "Node",
    "metadata": {"name": "minikube", "labels": {"minikube.k8s.io/name": "minikube"}},
}


def listed(status: str) -> str:
    config = {"Driver": "docker", "Memory": 4000, "CPUs": 2}
    return json.dumps({"valid": [{"Name": "minikube", "Status": status, "Config": config}]})


def having(profiles: str) -> FakePrograms:
    return FakePrograms("minikube", says={"minikube profile list": profiles})


async def test_with_nothing_installed_the_command_is_for_this_very_machine() -> None:
    [finding] = await without_cluster(Surroundings(LINUX, FakePrograms()))
    assert finding.state == "problem"
    assert "minikube-linux-arm64 /usr/local/bin/minikube" in finding.mend
    assert "minikube start --memory=8192 --cpus=4" in finding.detail
    assert "No Docker was found" in finding.detail


async def test_on_a_mac_it_comes_from_homebrew() -> None:
    machine = Machine("darwin", "arm64")
    [finding] = await without_cluster(Surroundings(machine, FakePrograms("docker")))
    assert finding.mend == "brew install minikube"
    assert "No Docker" not in finding.detail


async def test_a_context_of_another_kind_makes_minikube_a_suggestion_only() -> None:
    [finding] = await without_cluster(Surroundings(LINUX, FakePrograms(), CONTEXT))
    assert finding.state == "warning"


@pytest.mark.parametrize(
    ("profiles", "mend"),
    [
        ('{"valid": []}', "minikube start --memory=8192 --cpus=4"),
        (listed("Stopped"), "minikube start --profile=minikube"),
        (listed("OK"), "minikube update-context --profile=minikube"),
    ],
)
async def test_minikube_is_started_or_its_address_renewed(profiles: str, mend: str) -> None:
    [finding] = await without_cluster(Surroundings(LINUX, having(profiles), CONTEXT))
    assert finding.mend == mend


async def test_minikubes_own_cluster_is_described() -> None:
    cluster = FakeCluster([NODE])
    [finding] = await of_cluster(Surroundings(LINUX, having(listed("OK")), CONTEXT), cluster)
    assert finding.state == "ok"
    assert "Driver docker, 4000 MB of memory, 2 CPUs" in finding.detail


async def test_a_minikube_elsewhere_is_a_warning() -> None:
    cluster = FakeCluster([NODE])
    [finding] = await of_cluster(Surroundings(LINUX, FakePrograms(), CONTEXT), cluster)
    assert finding.state == "warning"


async def test_another_cluster_says_nothing_of_minikube() -> None:
    cluster = FakeCluster([{"kind": "Node", "metadata": {"name": "kind"}}])
    assert await of_cluster(Surroundings(LINUX, FakePrograms(), CONTEXT), cluster) == []


async def test_the_sandbox_is_called_what_it_is_although_its_node_says_minikube() -> None:
    embedded = replace(CONTEXT, name=NAME)
    cluster = FakeCluster([NODE])
    [finding] = await of_cluster(Surroundings(LINUX, having(listed("OK")), embedded), cluster)
    assert (finding.id, finding.state) == ("sandbox", "ok")
    assert "not a real cluster" in finding.title
