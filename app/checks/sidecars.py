"""2/2: every pod of the named Deployments runs with its sidecar; if not, exactly why not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.checks.bare import cause
from app.checks.injection import Injectors, injectors
from app.checks.kind import Context, Kind, Params
from app.checks.mistaken import mistaken
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
    "in-the-mesh",
    "image",
    "crash",
    "no-resources",
    "version-label",
    "not-ready",
)


class SidecarsParams(Params):
    """`deployments` says how many replicas each has; `version` which pod label `version`.

    `sidecar` false asks for pods outside the mesh, null for pods that run, with or without one.
    """

    namespace: str
    deployments: Mapping[str, int]
    version: Mapping[str, str] = {}
    sidecar: bool | None = True


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
    what = {True: "the application and its sidecar", False: "the application, without a sidecar"}
    return (
        f"{each} {counts}: {what[params.sidecar]}."
        if params.sidecar in what
        else f"{each} {counts}."
    )


async def _problem(
    context: Context, params: SidecarsParams, scene: Scene, name: str
) -> Problem | None:
    workload = scene.workloads.get(name)
    if workload is None:
        return await _missing(context.cluster, params.namespace, name, scene)
    return (
        _replicas(workload, params.deployments[name])
        or _rejected(workload)
        or _unlike(workload, scene, params.sidecar)
        or _unready(workload, context, params.version.get(name, ""))
    )


async def _missing(cluster: Cluster, namespace: str, name: str, scene: Scene) -> Problem:
    elsewhere = await _elsewhere(cluster, name)
    landed = mistaken(namespace, elsewhere)
    if landed:
        return Problem(
            "wrong-namespace",
            f"Deployment {name} is expected in namespace {namespace}; it is in {landed}."
            " What a manifest does not place lands in the namespace of the command.",
            "kubectl get deployments -A",
        )
    if scene.namespace is None:
        seen = f"there is no namespace {namespace}, and so nothing in it"
    else:
        there = ", ".join(scene.workloads) or "no Deployment at all"
        seen = f"the namespace holds {there}"
    others = f" (Namespace {', '.join(elsewhere)} has one of that name.)" if elsewhere else ""
    return Problem(
        "no-deployment",
        f"Deployment {name} is expected in namespace {namespace}; {seen}.{others}",
        f"kubectl get deployments -n {namespace}",
    )


async def _elsewhere(cluster: Cluster, name: str) -> list[str]:
    """Return the namespaces that hold a Deployment of this name, where the account may look."""
    try:
        everywhere = await cluster.list("Deployment")
    except NotAllowed:
        return []
    return [found.namespace for found in everywhere if found.name == name]


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


def _unlike(workload: Workload, scene: Scene, sidecar: bool | None) -> Problem | None:
    if sidecar is None:
        return None
    return _without_sidecar(workload, scene) if sidecar else _with_sidecar(workload)


def _with_sidecar(workload: Workload) -> Problem | None:
    for pod in workload.pods:
        if has_sidecar(pod):
            return Problem(
                "in-the-mesh",
                f"{workload.deployment.name} should run outside the mesh; pod {pod.name} has a"
                f" sidecar. Pods get one where their namespace asks for it: {pod.namespace} did.",
                f"kubectl get namespace {pod.namespace} --show-labels",
            )
    return None


def _without_sidecar(workload: Workload, scene: Scene) -> Problem | None:
    bare = [pod for pod in workload.pods if not has_sidecar(pod)]
    if not bare:
        return None
    pod, name = bare[0], workload.deployment.name
    seen = f"{name} should run 2/2, application and sidecar; pod {pod.name} has no sidecar."
    why = cause(pod, name, scene.namespace, scene.injectors)
    return Problem(why.reason, f"{seen} {why.text}", why.look)


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
