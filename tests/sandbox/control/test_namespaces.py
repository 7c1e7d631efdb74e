"""Namespaces: what each begins with, and how it ends."""

from collections.abc import AsyncIterator

import pytest
from sandbox.control.plane import Plane, deployment, plane, service

from app.sandbox.objects import Obj, items, labels_of, table, text
from app.sandbox.status import StatusError


@pytest.fixture
async def cluster() -> AsyncIterator[Plane]:
    with plane() as made:
        await made.settle()
        yield made


def namespace(name: str) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def within(obj: Obj, name: str) -> Obj:
    return {**obj, "metadata": {"name": "web", "namespace": name}}


async def test_each_has_an_account_and_the_clusters_certificate(cluster: Plane) -> None:
    cluster.apply(namespace("demo"))
    await cluster.settle()
    assert cluster.names("serviceaccounts", "demo") == ["default"]
    found = cluster.store.get("configmaps", "kube-root-ca.crt", "demo")
    assert table(found, "data") == {"ca.crt": "PEM"}
    cluster.registry.delete("serviceaccounts", "default", "demo")
    cluster.registry.delete("configmaps", "kube-root-ca.crt", "demo")
    await cluster.settle()
    assert cluster.names("serviceaccounts", "demo") == ["default"]
    assert cluster.names("configmaps", "demo") == ["kube-root-ca.crt"]


async def test_one_that_ends_waits_for_its_pods_and_says_so(cluster: Plane) -> None:
    cluster.apply(namespace("demo"))
    await cluster.settle()
    cluster.apply(within(deployment(2), "demo"))
    cluster.apply(within(service(), "demo"))
    await cluster.settle()
    for pod in cluster.store.list("pods", "demo"):
        cluster.set_pod(pod)
    cluster.registry.delete("namespaces", "demo")
    await cluster.settle()
    found = cluster.store.get("namespaces", "demo")
    assert text(found, "status.phase") == "Terminating"
    told = {text(c, "type"): text(c, "message") for c in items(found, "status.conditions")}
    remaining = "Some resources are remaining: pods. has 2 resource instances"
    assert told["NamespaceContentRemaining"] == remaining
    with pytest.raises(StatusError, match="because it is being terminated"):
        cluster.apply(within(service(), "demo"))
    cluster.remove_ending()
    await cluster.settle()
    assert cluster.store.get("namespaces", "demo") is None
    left = [k.resource for k in cluster.store.kinds if cluster.store.list(k.resource, "demo")]
    assert left == []


async def test_a_finalizer_holds_it_until_somebody_takes_it_off(cluster: Plane) -> None:
    cluster.apply(namespace("demo"))
    await cluster.settle()
    held: Obj = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "held", "namespace": "demo", "finalizers": ["example.com/mine"]},
    }
    cluster.apply(held)
    cluster.registry.delete("namespaces", "demo")
    await cluster.settle()
    found = cluster.store.get("namespaces", "demo")
    told = {text(c, "type"): text(c, "message") for c in items(found, "status.conditions")}
    assert told["NamespaceFinalizersRemaining"] == (
        "Some content in the namespace has finalizers remaining: "
        "example.com/mine in 1 resource instances"
    )
    now = cluster.store.get("configmaps", "held", "demo")
    assert now
    meta = now["metadata"]
    assert isinstance(meta, dict)
    cluster.registry.update({**now, "metadata": {**meta, "finalizers": []}})
    await cluster.settle()
    assert cluster.store.get("namespaces", "demo") is None


async def test_a_fresh_cluster_shows_what_a_fresh_minikube_does(cluster: Plane) -> None:
    names = [text(one, "metadata.name") for one in cluster.store.list("namespaces")]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    first = cluster.store.get("namespaces", "default")
    assert labels_of(first) == {"kubernetes.io/metadata.name": "default"}
    service = cluster.store.get("services", "kubernetes", "default")
    assert text(service, "spec.clusterIP") == "10.96.0.1"
    pods = cluster.names("pods", "kube-system")
    assert [name for name in pods if name.endswith("-minikube")] == [
        "etcd-minikube",
        "kube-apiserver-minikube",
        "kube-controller-manager-minikube",
        "kube-scheduler-minikube",
    ]
