"""2/2: every pod of the named Deployments runs with its sidecar; if not, exactly why not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.checks.injection import Injectors, injectors, opted_out, refusal
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.workload import Workload, unready, workloads
from app.clusters.cluster import Cluster
from app.clusters.objects import Object
from app.clusters.pods import has_sidecar, readiness, table
from app.errors import NotAllowed

REASONS: Final = (  # the gravest first: one that must be mended before the next can be seen
    "no-deployment",
    "wrong-namespace",
    "replicas",
    "rejected",
    "no-injector",
    "no-namespace-label",
    "revision-label",
    "host-network",
    "injection-off",
    "labelled-too-late",
    "image",
    "crash",
    "no-resources",
    "version-label",
    "not-ready",
)


class SidecarsParams(Params):
    """`deployments` says how many replicas each has; `version` which pod label `version`."""

    namespace: str
    deployments: Mapping[str, int]
    version: Mapping[str, str] = {}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one Deployment."""

    reason: str
    message: str
    look: str


@dataclass(frozen=True)
class Scene:
    """What was read once for all Deployments of the check."""

    namespace: Object | None
    workloads: Mapping[str, Workload]
    injectors: Injectors


async def check(context: Context, params: SidecarsParams) -> Finding:
    """Return whether all pods are 2/2, else the gravest cause that keeps one from it."""
    namespace, found, hooks = await asyncio.gather(
        context.cluster.get("Namespace", params.namespace),
        workloads(context.cluster, params.namespace),
        injectors(context.cluster),
    )
    scene = Scene(namespace, found, hooks)
    problems = {
        name: problem
        for name in params.deployments
        if (problem := await _problem(context, params, scene, name))
    }
    seen = Evidence(f"kubectl get pods -n {params.namespace}", _pods(params, found))
    if not problems:
        return passed(_all_well(params, found), seen)
    gravest = min(problems.values(), key=lambda problem: REASONS.index(problem.reason))
    alike = [n for n, p in problems.items() if p.reason == gravest.reason and p is not gravest]
    also = f" The same goes for {', '.join(alike)}." if alike else ""
    return failed(gravest.reason, gravest.message + also, seen, look=gravest.look)


def _pods(params: SidecarsParams, found: Mapping[str, Workload]) -> str:
    chosen = [found[name] for name in params.deployments if name in found]
    pods = [pod for workload in chosen for pod in (*workload.pods, *workload.old)]
    return table(pods)


def _all_well(params: SidecarsParams, found: Mapping[str, Workload]) -> str:
    pods = [pod for name in params.deployments for pod in found[name].pods]
    counts = " and ".join(sorted({str(readiness(pod)) for pod in pods}))
    names = ", ".join(params.deployments)
    each = (
        f"The one pod of {names} is" if len(pods) == 1 else f"All {len(pods)} pods of {names} are"
    )
    return f"{each} {counts}: the application and its sidecar."


async def _problem(
    context: Context, params: SidecarsParams, scene: Scene, name: str
) -> Problem | None:
    workload = scene.workloads.get(name)
    if workload is None:
        return await _missing(context.cluster, params.namespace, name, scene)
    return (
        _replicas(workload, params.deployments[name])
        or _rejected(workload)
        or _without_sidecar(workload, scene)
        or _unready(workload, context, params.version.get(name, ""))
    )


async def _missing(cluster: Cluster, namespace: str, name: str, scene: Scene) -> Problem:
    elsewhere = await _elsewhere(cluster, name)
    if elsewhere:
        return Problem(
            "wrong-namespace",
            f"Deployment {name} is expected in namespace {namespace}; it is in {elsewhere}."
            " What a manifest does not place lands in the namespace of the command.",
            "kubectl get deployments -A",
        )
    if scene.namespace is None:
        seen = f"there is no namespace {namespace}, and so nothing in it"
    else:
        there = ", ".join(scene.workloads) or "no Deployment at all"
        seen = f"the namespace holds {there}"
    return Problem(
        "no-deployment",
        f"Deployment {name} is expected in namespace {namespace}; {seen}.",
        f"kubectl get deployments -n {namespace}",
    )


async def _elsewhere(cluster: Cluster, name: str) -> str:
    """Return the namespaces that hold a Deployment of this name, where the account may look."""
    try:
        everywhere = await cluster.list("Deployment")
    except NotAllowed:
        return ""
    return ", ".join(found.namespace for found in everywhere if found.name == name)


def _look(workload: Workload, what: str = "get deployment") -> str:
    return f"kubectl {what} {workload.deployment.name} -n {workload.deployment.namespace}"


def _replicas(workload: Workload, wanted: int) -> Problem | None:
    if workload.replicas == wanted:
        return None
    return Problem(
        "replicas",
        f"Deployment {workload.deployment.name} should ask for {_count(wanted)}"
        f" and asks for {workload.replicas}.",
        _look(workload),
    )


def _count(replicas: int) -> str:
    return f"{replicas} replica" + ("" if replicas == 1 else "s")


def _rejected(workload: Workload) -> Problem | None:
    words = workload.rejection
    if not words or len(workload.pods) >= workload.replicas:
        return None
    return Problem(
        "rejected",
        f"The cluster takes no new pod of {workload.deployment.name}: {_why_rejected(words)}"
        f" It says: {words}",
        _look(workload, "describe deployment"),
    )


def _why_rejected(words: str) -> str:
    if "sidecar-injector.istio.io" in words:
        return "the API server must ask istiod for the sidecar first, and istiod did not answer."
    if "exceeded quota" in words:
        return "the namespace's quota leaves no room for it."
    if "PodSecurity" in words:
        return "the namespace's pod security level forbids what the pod asks for."
    return "the API server refused it."


def _without_sidecar(workload: Workload, scene: Scene) -> Problem | None:
    bare = [pod for pod in workload.pods if not has_sidecar(pod)]
    if not bare:
        return None
    pod, name = bare[0], workload.deployment.name
    seen = f"{name} should run 2/2, application and sidecar; pod {pod.name} has no sidecar."
    reason, why, look = _why_bare(pod, workload, scene)
    return Problem(reason, f"{seen} {why}", look)


def _why_bare(pod: Object, workload: Workload, scene: Scene) -> tuple[str, str, str]:
    template = _look(workload, "describe deployment")
    switch = opted_out(pod)
    if pod.at("spec.hostNetwork") is True:
        return "host-network", _HOST_NETWORK, template
    if switch:
        return (
            "injection-off",
            f"Its pod template says {switch}, which turns injection off.",
            template,
        )
    labels = f"kubectl get namespace {pod.namespace} --show-labels"
    if scene.namespace is None or scene.injectors.take(scene.namespace.labels, pod.labels):
        return "labelled-too-late", _TOO_LATE.format(namespace=pod.namespace), labels
    refused = refusal(scene.namespace, scene.injectors)
    if refused is None:
        return "injection-off", "Labels of its pod template keep the injector away.", template
    reason = _OF_CAUSE.get(refused.cause, "no-namespace-label")
    return reason, f"Why: {refused.seen}. Pods get a sidecar only when they are created.", labels


_OF_CAUSE: Final = {"no-injector": "no-injector", "revision-label": "revision-label"}
_HOST_NETWORK: Final = (
    "Its pod template asks for hostNetwork: true. Such a pod has no network of its own that a"
    " sidecar could stand in front of, so Istio leaves it alone."
)
_TOO_LATE: Final = (
    "Namespace {namespace} asks for sidecars now, yet this pod was created without: the label came"
    " after the pods. A sidecar is added only while a pod is being created, and pods that exist are"
    " never touched; it takes new pods in their place."
)


def _unready(workload: Workload, context: Context, version: str) -> Problem | None:
    found = unready(workload, context.now())
    if found and found.reason != "not-ready":
        return Problem(found.reason, found.text, found.look)
    labels = workload.deployment.strings("spec.template.metadata.labels")
    if version and labels.get("version") != version:
        has = f"has version: {labels['version']}" if "version" in labels else "has no such label"
        return Problem(
            "version-label",
            f"The pods of {workload.deployment.name} should carry the label version: {version},"
            f" by which subsets are told apart later; its pod template {has}.",
            f"kubectl get pods -n {workload.deployment.namespace} --show-labels",
        )
    return Problem(found.reason, found.text, found.look) if found else None


KIND: Final = Kind(
    name="sidecars",
    params=SidecarsParams,
    check=check,
    reads=("Namespace", "Deployment", "ReplicaSet", "Pod", "MutatingWebhookConfiguration"),
    is_cheap=True,
    reasons=REASONS,
)
