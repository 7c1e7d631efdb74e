"""What an earlier try at the course, or at the tutorial behind it, has left in the cluster."""

from collections import Counter
from typing import Final

from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings

COURSE_NAMESPACE: Final = "mesh-demo"
ISTIO_NAMESPACE: Final = "istio-system"
LEFT_BEHIND: Final = "leftovers"


async def leftovers(around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return what would get into the way of a fresh start; nothing once the course is under way."""
    findings = await _stuck(cluster)
    if not around.is_under_way:
        findings += await _namespace(cluster)
        findings += await _rivals(cluster)
    return findings or [Finding(LEFT_BEHIND, "ok", "Nothing is left of an earlier try")]


async def _stuck(cluster: Cluster) -> list[Finding]:
    findings = []
    for name in (COURSE_NAMESPACE, ISTIO_NAMESPACE):
        namespace = await cluster.get("Namespace", name)
        if namespace is not None and namespace.is_terminating:
            findings.append(
                Finding(
                    f"{LEFT_BEHIND}-terminating",
                    "problem",
                    f"Namespace {name} is being deleted",
                    "That takes seconds as a rule; minutes where something holds it.",
                    "Nothing can be created in it before it is gone.",
                    f"kubectl get namespace {name} -o yaml",
                    "here",
                )
            )
    return findings


async def _namespace(cluster: Cluster) -> list[Finding]:
    namespace = await cluster.get("Namespace", COURSE_NAMESPACE)
    if namespace is None or namespace.is_terminating:
        return []
    return [
        Finding(
            f"{LEFT_BEHIND}-namespace",
            "warning",
            f"There is a namespace {COURSE_NAMESPACE} already",
            f"It was made on {namespace.created:%Y-%m-%d at %H:%M} UTC.",
            "The course makes it itself; what is in it could make a check fail, or pass, for the "
            "wrong reason.",
            f"kubectl delete namespace {COURSE_NAMESPACE}",
            "terminal",
        )
    ]


async def _rivals(cluster: Cluster) -> list[Finding]:
    """Rules for one host that do not merge: the oldest wins, and later exercises show nothing."""
    findings = []
    for kind in ("VirtualService", "DestinationRule"):
        found = await cluster.list(kind, COURSE_NAMESPACE)
        hosts = Counter(
            host
            for item in found
            for host in (item.texts("spec.hosts") or [item.text("spec.host")])
        )
        for host, count in sorted(hosts.items()):
            if count > 1 and host:
                names = ", ".join(item.name for item in found)
                findings.append(
                    Finding(
                        f"{LEFT_BEHIND}-rules",
                        "warning",
                        f"{count} objects of kind {kind} are for one host: {host}",
                        f"In namespace {COURSE_NAMESPACE} there are: {names}.",
                        "The oldest wins, in part or wholly, so a new one may have no effect.",
                        f"kubectl get {kind.lower()} -n {COURSE_NAMESPACE}",
                        "here",
                    )
                )
    return findings
