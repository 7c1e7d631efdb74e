"""The mesh that is already there: its version, its gateway's address, halves of an installation."""

from collections.abc import Sequence

from app.clusters.minikube import profile_of
from app.clusters.objects import Object
from app.clusters.probes import INJECTOR, ISTIO_NAMESPACE
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings
from app.preflight.tools import ask_version
from app.preflight.versions import ISTIO, MAX_SKEW, is_supported, minor_of

GATEWAY = "istio-ingressgateway"
GATEWAYS = (GATEWAY, "istio-egressgateway")
A_CRD = "virtualservices.networking.istio.io"
INSTALL = "istioctl install --set profile=demo -y"
UNINSTALL = "istioctl uninstall --purge -y"


async def installation(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether Istio is wholly there, or wholly absent; halves break new pods."""
    istiod = await cluster.get("Deployment", "istiod", ISTIO_NAMESPACE)
    webhooks = await cluster.list("MutatingWebhookConfiguration", labels=INJECTOR)
    if istiod is None:
        return [_webhook_alone(webhooks) if webhooks else await _nothing_installed(cluster)]
    findings = await _versions(around, istiod)
    if not webhooks:
        findings.append(_half("istiod runs without its injection webhook"))
    elif istiod.number("status.readyReplicas") is None:
        findings.append(_half("istiod is installed and not ready"))
    elif missing := await _missing_gateways(cluster):
        findings.append(_another_profile(missing))
    return findings


async def gateway_address(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether the ingress gateway's Service has got an address from outside."""
    service = await cluster.get("Service", GATEWAY, ISTIO_NAMESPACE)
    if service is None or service.text("spec.type") != "LoadBalancer":
        return []
    addresses = service.parts("status.loadBalancer.ingress")
    if addresses:
        address = addresses[0].text("ip") or addresses[0].text("hostname")
        return [Finding("load-balancer", "ok", f"The ingress gateway answers at {address}")]
    nodes = await cluster.list("Node")
    is_minikube = around.context is not None and profile_of(around.context, nodes, ())
    return [_tunnel() if is_minikube else _port_forward()]


def version_of(istiod: Object) -> str:
    """Return the version of the control plane, from its label or its image's tag."""
    labelled = istiod.labels.get("operator.istio.io/version", "")
    if labelled:
        return labelled
    for container in istiod.parts("spec.template.spec.containers"):
        _, _, tag = container.text("image").partition("@")[0].rpartition("/")[2].partition(":")
        if tag:
            return tag
    return ""


async def _versions(around: Surroundings, istiod: Object) -> list[Finding]:
    version = version_of(istiod)
    mesh = minor_of(version)
    if mesh is None:
        return [Finding("istio", "unknown", "Istio is installed, in a version that it hides")]
    findings = [Finding("istio", "ok", f"Istio {version} is installed")]
    if not is_supported(mesh, ISTIO):
        findings = [
            Finding(
                "istio",
                "warning",
                f"Istio {version} is not one the course is tested with",
                f"Tested are {ISTIO[0]} to {ISTIO[1]}.",
                "Words and defaults of Istio change between minors; a step may look different.",
                UNINSTALL,
                "terminal",
            )
        ]
    client = minor_of((await ask_version(around, "istioctl")).version)
    if client is not None and client.distance(mesh) > MAX_SKEW:
        findings.append(
            Finding(
                "istio-skew",
                "warning",
                f"istioctl {client} and the mesh's Istio {mesh} are more than one minor apart",
                f"istioctl lies at {around.programs.path('istioctl')}.",
                "Its analysis and what it shows of proxies may then be wrong.",
                f"curl -L https://istio.io/downloadIstio | ISTIO_VERSION={version} sh -",
                "terminal",
            )
        )
    return findings


async def _missing_gateways(cluster: Cluster) -> list[str]:
    found = [await cluster.get("Deployment", name, ISTIO_NAMESPACE) for name in GATEWAYS]
    return [name for name, there in zip(GATEWAYS, found, strict=True) if there is None]


async def _nothing_installed(cluster: Cluster) -> Finding:
    if await cluster.get("CustomResourceDefinition", A_CRD) is None:
        detail = "That is as it should be before lesson 3, which installs it."
        return Finding("istio", "ok", "Istio is not installed", detail)
    detail = (
        "An earlier installation has left its kinds behind. They do no harm: lesson 3 uses them."
    )
    return Finding("istio", "ok", "Istio is not installed, its kinds are", detail)


def _webhook_alone(webhooks: Sequence[Object]) -> Finding:
    names = " ".join(webhook.name for webhook in webhooks)
    return Finding(
        "istio",
        "problem",
        "Half of an Istio is left: an injection webhook without istiod",
        f"The webhook is {names}.",
        "The API server asks it about each new pod of a labelled namespace, gets no answer, and "
        "refuses the pod.",
        f"kubectl delete mutatingwebhookconfiguration {names}",
        "terminal",
    )


def _half(what: str) -> Finding:
    return Finding(
        "istio-half",
        "problem",
        f"Istio is not whole: {what}",
        "An installation may have been interrupted, or its pod does not start.",
        "Pods get no sidecar, or are refused.",
        INSTALL,
        "terminal",
    )


def _another_profile(missing: Sequence[str]) -> Finding:
    return Finding(
        "istio-profile",
        "warning",
        "Istio is installed with another profile than the course's",
        f"The demo profile also brings {' and '.join(missing)}.",
        "The gateway lesson needs the ingress gateway, and lesson 3 checks for both.",
        INSTALL,
        "terminal",
    )


def _pending(detail: str, mend: str) -> Finding:
    return Finding(
        "load-balancer",
        "warning",
        "The ingress gateway has no address yet (EXTERNAL-IP is <pending>)",
        f"Nothing here gives addresses to Services of type LoadBalancer. {detail}",
        "Without one the gateway cannot be reached by address; a port-forward always works.",
        mend,
        "terminal",
    )


def _tunnel() -> Finding:
    detail = "On minikube that is the tunnel's work; it may ask for your password."
    return _pending(detail, "minikube tunnel")


def _port_forward() -> Finding:
    detail = "That is usual where no cloud stands behind the cluster."
    return _pending(detail, f"kubectl port-forward -n {ISTIO_NAMESPACE} service/{GATEWAY} 8080:80")
