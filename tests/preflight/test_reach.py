"""The cluster: chosen, answering, of a tested version, one to practise in."""

import json

import pytest
from fakes import BrokenCluster, FakeCluster, FakePrograms, ForbiddenCluster

from app.clusters.kubeconfig import Context
from app.errors import ClusterUnavailable
from app.preflight.reach import kubernetes_version, production, reached
from app.preflight.surroundings import Machine, Surroundings

MINIKUBE = Context("minikube", "minikube", "me", "default", "https://192.168.49.2:8443")
LINUX = Machine("linux", "amd64")


def around(cluster: object = None, context: Context = MINIKUBE, kubectl: str = "v1.35.0"):
    client = json.dumps({"clientVersion": {"gitVersion": kubectl}})
    programs = FakePrograms("kubectl", says={"kubectl version": client})
    return Surroundings(LINUX, programs, context, cluster)  # type: ignore[arg-type]


async def test_a_cluster_that_answers_is_named_with_its_version() -> None:
    finding = await reached(around(FakeCluster()))
    assert finding.state == "ok"
    assert "minikube" in finding.title
    assert "v1.35.4" in finding.title


async def test_no_kubeconfig_is_said_in_its_own_words() -> None:
    trouble = ClusterUnavailable("There is no kubeconfig.", hint="minikube start")
    finding = await reached(Surroundings(LINUX, FakePrograms(), trouble=trouble))
    assert (finding.state, finding.detail, finding.mend) == (
        "problem",
        "There is no kubeconfig.",
        "minikube start",
    )


@pytest.mark.parametrize(
    ("cluster", "words"),
    [(BrokenCluster(), "does not answer"), (ForbiddenCluster(), "does not let you in")],
)
async def test_silence_and_refusal_are_told_apart(cluster: object, words: str) -> None:
    finding = await reached(around(cluster))
    assert finding.state == "problem"
    assert words in finding.title


@pytest.mark.parametrize(("version", "state"), [("v1.32.9", "warning"), ("v1.37.0", "ok")])
async def test_tested_minors_of_kubernetes_are_told_from_others(version: str, state: str) -> None:
    cluster = FakeCluster(server_version=version)
    finding = (await kubernetes_version(around(cluster), cluster))[0]
    assert (finding.id, finding.state) == ("kubernetes", state)


@pytest.mark.parametrize(("kubectl", "count"), [("v1.34.1", 1), ("v1.36.4", 1), ("v1.32.4", 2)])
async def test_a_kubectl_too_far_from_its_server_is_a_warning(kubectl: str, count: int) -> None:
    cluster = FakeCluster()
    findings = await kubernetes_version(around(cluster, kubectl=kubectl), cluster)
    assert len(findings) == count
    assert findings[-1].id == ("kubectl-skew" if count == 2 else "kubernetes")


async def test_a_version_that_is_none_is_unknown() -> None:
    cluster = FakeCluster(server_version="devel")
    [finding] = await kubernetes_version(around(cluster), cluster)
    assert finding.state == "unknown"


async def test_a_cluster_that_others_depend_on_is_a_problem_with_its_reasons() -> None:
    nodes = [{"kind": "Node", "metadata": {"name": f"n{i}"}} for i in range(4)]
    context = Context("shop-prod", "shop", "me", "default", "https://10.0.0.1")
    cluster = FakeCluster(nodes)
    [finding] = await production(around(cluster, context), cluster)
    assert finding.state == "problem"
    assert "“prod”" in finding.detail
    assert "4 nodes" in finding.detail


async def test_minikube_is_one_to_practise_in() -> None:
    cluster = FakeCluster([{"kind": "Node", "metadata": {"name": "minikube"}}])
    [finding] = await production(around(cluster), cluster)
    assert finding.state == "ok"
