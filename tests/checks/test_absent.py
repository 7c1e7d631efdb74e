"""Clean-up that is really clean."""

import pytest
from fakes import FakeCluster
from mesh_objects import JUST_NOW, Raw, condition, deployment, named, namespace
from verdicts import verdict

from app.checks.result import Finding

MINE = named("ClusterRole", "view")


async def found(*things: Raw, **wanted: object) -> Finding:
    return await verdict("absent", wanted, FakeCluster([MINE, *things]))


async def test_nothing_left_passes() -> None:
    assert (await found(namespaces=["mesh-demo"], istio=True)).passed


async def test_what_every_uninstallation_leaves_is_told_and_does_no_harm() -> None:
    labels: Raw = {"name": "istio-ca-root-cert", "labels": {"istio.io/config": "true"}}
    spaces = ("default", "kube-system", "mesh-dojo-probe")
    maps: list[Raw] = [
        {"kind": "ConfigMap", "metadata": {**labels, "namespace": s}} for s in spaces
    ]
    finding = await found(*maps, istio=True)
    assert finding.passed
    assert "in default, kube-system." in finding.message


async def test_a_namespace_that_stays_is_named() -> None:
    finding = await found(namespace("mesh-demo"), namespaces=["mesh-demo", "legacy"])
    assert finding.reason == "namespace-left"
    assert "namespace mesh-demo." in finding.message


async def test_a_namespace_on_its_way_out_is_told_with_what_holds_it() -> None:
    going = namespace("mesh-demo", deletionTimestamp=JUST_NOW)
    held = condition("NamespaceContentRemaining", "True", "pods. has 2 resource instances")
    going["status"] = {"conditions": [held]}
    finding = await found(going, namespaces=["mesh-demo"])
    assert finding.reason == "terminating"
    assert "has 2 resource instances" in finding.message


async def test_an_object_that_stays_is_named() -> None:
    wanted = [{"kind": "Gateway", "name": "mesh-gateway", "namespace": "mesh-demo"}]
    finding = await found(named("Gateway", "mesh-gateway", "mesh-demo"), objects=wanted)
    assert finding.reason == "object-left"
    assert "Gateway mesh-gateway" in finding.message


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        (deployment("istiod", "istio-system"), "control-plane-left"),
        (named("MutatingWebhookConfiguration", "istio-sidecar-injector"), "webhooks-left"),
        (named("ValidatingWebhookConfiguration", "istiod-default-validator"), "webhooks-left"),
        (named("CustomResourceDefinition", "gateways.networking.istio.io"), "crds-left"),
        (named("ClusterRole", "istiod-clusterrole-istio-system"), "roles-left"),
        (named("ClusterRoleBinding", "istio-reader-clusterrole-istio-system"), "roles-left"),
        (namespace("istio-system"), "namespace-left"),
    ],
)
async def test_each_thing_that_istio_installs_is_looked_for(left: Raw, reason: str) -> None:
    finding = await found(left, istio=True)
    assert finding.reason == reason
    assert str(left["metadata"]["name"]) in finding.message  # type: ignore[index,call-overload]


@pytest.mark.parametrize("kind", ["CustomResourceDefinition", "MutatingWebhookConfiguration"])
async def test_what_others_installed_is_not_istios(kind: str) -> None:
    assert (await found(named(kind, "certificates.cert-manager.io"), istio=True)).passed


async def test_many_things_left_are_counted_not_listed() -> None:
    crds = [named("CustomResourceDefinition", f"kind{n}.istio.io") for n in range(9)]
    finding = await found(*crds, istio=True)
    assert "and 3 more" in finding.message
    assert "kind8.istio.io" in finding.evidence[0].text
