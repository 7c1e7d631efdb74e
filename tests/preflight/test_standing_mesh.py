"""The mesh that is already there: whole, half, too old, without an address."""

import json

import pytest
from fakes import FakeCluster, FakePrograms

from app.clusters.kubeconfig import Context
from app.clusters.objects import Json, Object
from app.preflight.mesh import gateway_address, installation, version_of
from app.preflight.surroundings import Machine, Surroundings

MINIKUBE = Context("minikube", "minikube", "me", "default", "https://192.168.49.2:8443")
WEBHOOK: dict[str, Json] = {
    "kind": "MutatingWebhookConfiguration",
    "metadata": {"name": "istio-sidecar-injector", "labels": {"app": "sidecar-injector"}},
}


def around(istioctl: str = "") -> Surroundings:
    says = {"istioctl version": json.dumps({"clientVersion": {"version": istioctl}})}
    programs = FakePrograms("istioctl", says=says) if istioctl else FakePrograms()
    return Surroundings(Machine("linux", "amd64"), programs, MINIKUBE)


def deployment(name: str) -> dict[str, Json]:
    return {"kind": "Deployment", "metadata": {"name": name, "namespace": "istio-system"}}


GATEWAYS = [deployment("istio-ingressgateway"), deployment("istio-egressgateway")]


def istiod(version: str = "1.31.0", ready: int | None = 1) -> dict[str, Json]:
    return {
        "kind": "Deployment",
        "metadata": {
            "name": "istiod",
            "namespace": "istio-system",
            "labels": {"operator.istio.io/version": version},
        },
        "status": {"readyReplicas": ready},
    }


def gateway(addresses: list[Json]) -> dict[str, Json]:
    return {
        "kind": "Service",
        "metadata": {"name": "istio-ingressgateway", "namespace": "istio-system"},
        "spec": {"type": "LoadBalancer"},
        "status": {"loadBalancer": {"ingress": addresses}},
    }


async def test_no_istio_is_as_it_should_be() -> None:
    [finding] = await installation(around(), FakeCluster())
    assert (finding.state, finding.title) == ("ok", "Istio is not installed")


async def test_a_whole_one_is_named_with_its_version() -> None:
    [finding] = await installation(around("1.30.2"), FakeCluster([istiod(), WEBHOOK, *GATEWAYS]))
    assert (finding.state, finding.title) == ("ok", "Istio 1.31.0 is installed")


async def test_a_webhook_without_istiod_is_a_problem_with_the_command_that_mends_it() -> None:
    [finding] = await installation(around(), FakeCluster([WEBHOOK]))
    assert finding.state == "problem"
    assert finding.mend == "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector"


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([istiod()], "without its injection webhook"),
        ([istiod(ready=None), WEBHOOK], "not ready"),
    ],
)
async def test_half_an_installation_is_a_problem(
    objects: list[dict[str, Json]], words: str
) -> None:
    found = await installation(around(), FakeCluster(objects))
    assert found[-1].state == "problem"
    assert words in found[-1].title


async def test_a_mesh_that_is_not_tested_is_a_warning() -> None:
    [finding] = await installation(around(), FakeCluster([istiod("1.24.3"), WEBHOOK, *GATEWAYS]))
    assert finding.state == "warning"


async def test_an_istioctl_too_far_from_its_mesh_is_a_warning() -> None:
    found = await installation(around("1.28.0"), FakeCluster([istiod(), WEBHOOK, *GATEWAYS]))
    assert found[-1].id == "istio-skew"
    assert "ISTIO_VERSION=1.31.0" in found[-1].mend


def test_without_its_label_the_version_is_in_the_images_tag() -> None:
    container: Json = {"image": "registry.example:5000/istio/pilot:1.29.1-distroless@sha256:0"}
    found = Object({"metadata": {}, "spec": {"template": {"spec": {"containers": [container]}}}})
    assert version_of(found) == "1.29.1-distroless"


async def test_another_profile_is_a_warning_that_names_what_is_missing() -> None:
    found = await installation(around(), FakeCluster([istiod(), WEBHOOK, GATEWAYS[0]]))
    assert found[-1].state == "warning"
    assert found[-1].detail == "The demo profile also brings istio-egressgateway."


async def test_kinds_that_an_earlier_istio_left_are_told_and_do_no_harm() -> None:
    name = "virtualservices.networking.istio.io"
    left: dict[str, Json] = {"kind": "CustomResourceDefinition", "metadata": {"name": name}}
    [finding] = await installation(around(), FakeCluster([left]))
    assert finding.state == "ok"
    assert "do no harm" in finding.detail


async def test_a_gateway_without_an_address_is_port_forwarded_off_minikube() -> None:
    node: dict[str, Json] = {"kind": "Node", "metadata": {"name": "kind"}}
    [finding] = await gateway_address(around(), FakeCluster([gateway([]), node]))
    assert finding.mend.startswith("kubectl port-forward -n istio-system")


async def test_a_gateway_without_an_address_names_the_tunnel_on_minikube() -> None:
    [finding] = await gateway_address(around(), FakeCluster([gateway([])]))
    assert (finding.state, finding.mend, finding.where) == (
        "warning",
        "minikube tunnel",
        "terminal",
    )


async def test_a_gateway_with_an_address_is_fine_and_none_is_no_finding() -> None:
    [finding] = await gateway_address(around(), FakeCluster([gateway([{"ip": "10.0.0.1"}])]))
    assert finding.state == "ok"
    assert await gateway_address(around(), FakeCluster()) == []
