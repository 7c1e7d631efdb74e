"""What looks like production, and what does not."""

import pytest

from app.clusters.kubeconfig import Context
from app.clusters.objects import Object
from app.clusters.production import reasons_by_address, reasons_by_content


def context(name: str, server: str = "https://127.0.0.1:8443") -> Context:
    return Context(name, name, "me", "default", server)


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        (context("shop-prod"), "says “prod”"),
        (context("live"), "says “live”"),
        (context("gke_shop_europe-west1_main"), "one of GKE"),
        (context("arn:aws:eks:eu-west-1:1:cluster/main"), "one of EKS"),
        (context("a", "https://ABC.gr7.eu-west-1.eks.amazonaws.com"), "address is one of EKS"),
        (context("a", "https://shop-1.hcp.westeurope.azmk8s.io:443"), "address is one of AKS"),
        (context("a", "https://x.k8s.ondigitalocean.com"), "one of DigitalOcean"),
    ],
)
def test_names_and_addresses_of_production_are_known(chosen: Context, reason: str) -> None:
    assert any(reason in found for found in reasons_by_address(chosen))


@pytest.mark.parametrize(
    "chosen",
    [
        context("minikube", "https://192.168.49.2:8443"),
        context("product-catalog-dev"),
        context("delivery"),
        context("kind-kind", "https://127.0.0.1:39275"),
        context("a", "https://eks.amazonaws.com.example.org"),
    ],
)
def test_a_practice_cluster_is_not_mistaken(chosen: Context) -> None:
    assert reasons_by_address(chosen) == []


@pytest.mark.parametrize(
    ("labels", "provider", "owner"),
    [
        ({"eks.amazonaws.com/nodegroup": "a"}, "", "EKS"),
        ({"cloud.google.com/gke-nodepool": "a"}, "gce://p/z/n", "GKE"),
        ({"kubernetes.azure.com/cluster": "a"}, "", "AKS"),
        ({}, "aws:///eu-west-1a/i-0", "AWS"),
    ],
)
def test_nodes_tell_whose_they_are(labels: dict[str, str], provider: str, owner: str) -> None:
    node = Object({"metadata": {"labels": dict(labels)}, "spec": {"providerID": provider}})
    assert reasons_by_content([node], []) == [f"its nodes belong to {owner}"]


def test_kinds_own_nodes_belong_to_nobody() -> None:
    node = Object({"metadata": {}, "spec": {"providerID": "kind://docker/kind/kind-worker"}})
    assert reasons_by_content([node] * 3, [Object({})] * 20) == []


def test_a_large_cluster_is_a_reason() -> None:
    found = reasons_by_content([Object({})] * 4, [Object({})] * 21)
    assert found == ["it has 4 nodes", "it has 21 namespaces"]
