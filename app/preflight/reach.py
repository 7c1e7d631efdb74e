"""The cluster: is one chosen, does it answer, in which version, and is it one to practise in?"""

from app.clusters.minikube import START
from app.clusters.production import reasons_by_address, reasons_by_content
from app.errors import ClusterUnavailable, NotAllowed
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings
from app.preflight.tools import ask_version
from app.preflight.versions import KUBERNETES, MAX_SKEW, is_supported, minor_of

WHY_CLUSTER = "Every command and every check of the course goes to this cluster."


async def reached(around: Surroundings) -> Finding:
    """Return whether the chosen cluster answers."""
    if around.cluster is None or around.context is None:
        trouble = around.trouble or ClusterUnavailable("No cluster is chosen.")
        detail = str(trouble)
        mend = trouble.hint or START
        return Finding("cluster", "problem", "No cluster is chosen", detail, WHY_CLUSTER, mend)
    name = around.context.name
    try:
        version = await around.cluster.version()
    except NotAllowed as error:
        title = f"The cluster of context “{name}” does not let you in"
        return Finding("cluster", "problem", title, str(error), WHY_CLUSTER, error.hint)
    except ClusterUnavailable as error:
        title = f"The cluster of context “{name}” does not answer"
        return Finding("cluster", "problem", title, str(error), WHY_CLUSTER, error.hint)
    detail = f"It answers at {around.context.server}."
    return Finding("cluster", "ok", f"Context “{name}”, Kubernetes {version}", detail)


async def kubernetes_version(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether the server's version is tested, and whether kubectl fits it."""
    version = await cluster.version()
    server = minor_of(version)
    if server is None:
        return [Finding("kubernetes", "unknown", f"Kubernetes {version} is no version known here")]
    findings = []
    if not is_supported(server, KUBERNETES):
        findings.append(
            Finding(
                "kubernetes",
                "warning",
                f"Kubernetes {version} is not one the course is tested with",
                f"Tested are {KUBERNETES[0]} to {KUBERNETES[1]}.",
                "The exercises were seen to work on those; here a step may look different.",
                "minikube start --kubernetes-version=stable",
                "terminal",
            )
        )
    else:
        findings.append(Finding("kubernetes", "ok", f"Kubernetes {server} is a tested version"))
    client = minor_of((await ask_version(around, "kubectl")).version)
    if client is not None and client.distance(server) > MAX_SKEW:
        findings.append(
            Finding(
                "kubectl-skew",
                "warning",
                f"kubectl {client} and Kubernetes {server} are more than one minor apart",
                f"kubectl lies at {around.programs.path('kubectl')}.",
                "Kubernetes promises that the two understand each other only one minor apart.",
                f"Install a kubectl of {server}: https://kubernetes.io/docs/tasks/tools/",
                "terminal",
            )
        )
    return findings


async def production(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether anything says that other people depend on this cluster."""
    reasons = reasons_by_address(around.context) if around.context else []
    nodes, namespaces = await cluster.list("Node"), await cluster.list("Namespace")
    reasons += reasons_by_content(nodes, namespaces)
    if not reasons:
        return [Finding("production", "ok", "It looks like a cluster to practise in")]
    return [
        Finding(
            "production",
            "problem",
            "This looks like a cluster that others depend on",
            f"Because {'; '.join(reasons)}.",
            "The course installs Istio for the whole cluster, breaks things on purpose, and "
            "removes Istio at the end. The lab works here only after you have typed its name.",
            "kubectl config use-context minikube",
            "terminal",
        )
    ]
