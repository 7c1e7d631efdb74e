"""The mesh that is already there: its version, its gateway's address, halves of an installation."""

from collections.abc import Sequence

from app.clusters.objects import Object
from app.clusters.probes import INJECTOR, ISTIO_NAMESPACE
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings
from app.preflight.tools import ask_version
from app.preflight.versions import ISTIO, MAX_SKEW, is_supported, minor_of

GATEWAY = "istio-ingressgateway"
UNINSTALL = "istioctl uninstall --purge -y"


async def installation(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether Istio is wholly there, or wholly absent; halves break new pods."""
    istiod = await cluster.get("Deployment", "istiod", ISTIO_NAMESPACE)
    webhooks = await cluster.list("MutatingWebhookConfiguration", labels=INJECTOR)
    if istiod is None:
        return [_webhook_alone(webhooks)] if webhooks else [_nothing_installed()]
    findings = await _versions(around, istiod)
    if not webhooks:
        findings.append(_half("istiod runs without its injection webhook"))
    elif istiod.number("status.readyReplicas") is None:
        findings.append(_half("istiod is installed and not ready"))
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
    return [
        Finding(
            "load-balancer",
            "warning",
            "The ingress gateway has no address yet (EXTERNAL-IP is <pending>)",
            "Nothing here gives addresses to Services of type LoadBalancer. On minikube that is "
            "the tunnel's work; it may ask for a password, so it belongs into a terminal of yours.",
            "The gateway lesson also works through a port-forward, which needs no address.",
            "minikube tunnel",
            "terminal",
        )
    ]


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


def _nothing_installed() -> Finding:
    detail = "That is as it should be before lesson 3, which installs it."
    return Finding("istio", "ok", "Istio is not installed", detail)


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
        "istioctl install --set profile=demo -y",
        "terminal",
    )
