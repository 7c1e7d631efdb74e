"""A Deployment with the pods that count: those of its newest ReplicaSet that are not ending."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.checks.trouble import Trouble, trouble
from app.clusters.cluster import Cluster
from app.clusters.objects import Object

REVISION: Final = "deployment.kubernetes.io/revision"
SEVERITY: Final = ("image", "crash", "no-resources", "not-ready")


@dataclass(frozen=True)
class Workload:
    """`pods` are of the newest ReplicaSet, `old` of earlier ones; pods that end are in neither."""

    deployment: Object
    pods: tuple[Object, ...]
    old: tuple[Object, ...]

    @property
    def replicas(self) -> int:
        """How many pods the Deployment asks for."""
        asked = self.deployment.number("spec.replicas")
        return 1 if asked is None else int(asked)

    @property
    def rejection(self) -> str:
        """Why the API server takes no new pod of it, in its words; empty where it does."""
        for condition in self.deployment.parts("status.conditions"):
            if condition.text("type") == "ReplicaFailure" and condition.text("status") == "True":
                return condition.text("message")
        return ""

    @property
    def is_rolled_out(self) -> bool:
        """Whether the cluster has acted on the newest spec, and no pod of an earlier is left."""
        generation = self.deployment.number("metadata.generation") or 0
        seen = self.deployment.number("status.observedGeneration") or 0
        return seen >= generation and not self.old and len(self.pods) == self.replicas


async def workloads(cluster: Cluster, namespace: str) -> dict[str, Workload]:
    """Read all Deployments of a namespace with their pods. Shape: {name: workload}."""
    deployments, sets, pods = await asyncio.gather(
        cluster.list("Deployment", namespace),
        cluster.list("ReplicaSet", namespace),
        cluster.list("Pod", namespace),
    )
    live = [pod for pod in pods if not _is_over(pod)]
    return {d.name: _workload(d, sets, live) for d in deployments}


def _is_over(pod: Object) -> bool:
    return pod.is_terminating or pod.text("status.phase") in ("Failed", "Succeeded")


def _workload(deployment: Object, sets: Sequence[Object], pods: Sequence[Object]) -> Workload:
    own = sorted((s for s in sets if _owner(s) == deployment.uid), key=_revision)
    newest = {s.uid for s in own[-1:]}
    earlier = {s.uid for s in own[:-1]}
    return Workload(
        deployment,
        tuple(pod for pod in pods if _owner(pod) in newest),
        tuple(pod for pod in pods if _owner(pod) in earlier),
    )


def _owner(thing: Object) -> str:
    return thing.text("metadata.ownerReferences.0.uid", "nobody")


def _revision(replica_set: Object) -> int:
    revision = replica_set.annotations.get(REVISION, "0")
    return int(revision) if revision.isdigit() else 0


def unready(workload: Workload, now: datetime) -> Trouble | None:
    """Return the gravest thing that keeps a workload from being ready, None where it is."""
    name, namespace = workload.deployment.name, workload.deployment.namespace
    found = sorted(
        filter(None, (trouble(pod, now) for pod in workload.pods)),
        key=lambda one: SEVERITY.index(one.reason),
    )
    if found:
        return found[0]
    if workload.is_rolled_out:
        return None
    look = f"kubectl rollout status deployment/{name} -n {namespace}"
    return Trouble("not-ready", _on_the_way(workload), look)


def gravest(workloads: Sequence[Workload], now: datetime) -> Trouble | None:
    """Return the gravest trouble of workloads that must run at least one pod, None for none."""
    found = [unready(workload, now) or _idle(workload) for workload in workloads]
    troubles = [one for one in found if one]
    return min(troubles, key=lambda one: SEVERITY.index(one.reason), default=None)


def _idle(workload: Workload) -> Trouble | None:
    if workload.replicas:
        return None
    name, namespace = workload.deployment.name, workload.deployment.namespace
    text = f"Deployment {name} is scaled to 0: it runs no pod."
    return Trouble("not-ready", text, f"kubectl get deployment {name} -n {namespace}")


def _on_the_way(workload: Workload) -> str:
    name, there = workload.deployment.name, len(workload.pods)
    if workload.rejection:
        return f"The cluster does not take the pods of {name}: {workload.rejection}"
    if workload.old:
        old = ", ".join(pod.name for pod in workload.old)
        return (
            f"{name} is being rolled out anew: pods of its earlier version are still there ({old})."
        )
    asked = "1 pod" if workload.replicas == 1 else f"{workload.replicas} pods"
    return f"{name} asks for {asked} and has {there} so far."
