"""Memory and CPU of the nodes, against what Istio's demo profile and the course request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.clusters.minikube import CPUS, MEMORY_MB
from app.clusters.objects import Object
from app.clusters.quantity import GIB, quantity
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings

MIB: Final = 1024.0**2


@dataclass(frozen=True)
class Amount:
    """CPU and memory. Units: cores, bytes."""

    cpu: float = 0.0
    memory: float = 0.0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.cpu + other.cpu, self.memory + other.memory)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.cpu - other.cpu, self.memory - other.memory)

    def times(self, count: int) -> "Amount":
        """Return it so many times."""
        return Amount(self.cpu * count, self.memory * count)

    def __str__(self) -> str:
        return f"{self.cpu:.2f} CPUs and {self.memory / MIB:.0f} MiB"


# What Istio's own manifests request under the demo profile, read from an installed 1.31.
ISTIOD: Final = Amount(0.010, 100 * MIB)
PROXY: Final = Amount(0.010, 40 * MIB)
GATEWAYS: Final = 2
SIDECARS: Final = 10  # the course's pods at their most, the inside probe among them
COURSE: Final = PROXY.times(SIDECARS) + Amount(0.010, 32 * MIB)  # the two probes themselves
INSTALLATION: Final = ISTIOD + PROXY.times(GATEWAYS)
# What was seen in use, cluster included: requests are what the scheduler counts, not what is used.
COMFORT: Final = Amount(2.0, 3.5 * GIB)


async def room(_around: Surroundings, cluster: Cluster) -> list[Finding]:
    """Return whether the course's pods will be scheduled, and run with ease."""
    nodes = [node for node in await cluster.list("Node") if is_usable(node)]
    if not nodes:
        return [_no_node()]
    total = sum((_allocatable(node) for node in nodes), Amount())
    free = total - requested(await cluster.list("Pod"))
    is_installed = await cluster.get("Deployment", "istiod", "istio-system") is not None
    needed = COURSE if is_installed else COURSE + INSTALLATION
    enough = f"minikube start --memory={MEMORY_MB} --cpus={CPUS}"
    if free.cpu < needed.cpu or free.memory < needed.memory:
        return [
            Finding(
                "room",
                "problem",
                "The nodes have no room left for the course",
                f"Istio and the course request {needed}; {_never_negative(free)} are free.",
                "Pods that do not fit stay Pending, and the installation waits for them in vain.",
                f"minikube delete && {enough}",
                "terminal",
            )
        ]
    if total.cpu < COMFORT.cpu or total.memory < COMFORT.memory:
        return [
            Finding(
                "room",
                "warning",
                "The nodes are small for the course",
                f"They offer {total} to pods; {COMFORT} are comfortable.",
                "Everything fits, but starts slowly; a pod may be ended for lack of memory.",
                f"minikube delete && {enough} (it wants that much free memory on this machine)",
                "terminal",
            )
        ]
    detail = f"{total} for pods, {free} of them free; the course requests {needed}."
    return [Finding("room", "ok", "The nodes have room for the course", detail)]


def requested(pods: Sequence[Object]) -> Amount:
    """Return what pods that have not ended request, native sidecars included."""
    found = Amount()
    for pod in pods:
        if pod.text("status.phase") in ("Succeeded", "Failed"):
            continue
        starters = pod.parts("spec.initContainers")
        native = [c for c in starters if c.text("restartPolicy") == "Always"]
        for container in pod.parts("spec.containers") + native:
            found += _amount(container, "resources.requests")
    return found


def is_usable(node: Object) -> bool:
    """Return whether pods may be scheduled on a node."""
    conditions = node.parts("status.conditions")
    is_ready = any(c.text("type") == "Ready" and c.text("status") == "True" for c in conditions)
    return is_ready and node.at("spec.unschedulable") is not True


def _allocatable(node: Object) -> Amount:
    return _amount(node, "status.allocatable")


def _amount(found: Object, path: str) -> Amount:
    return Amount(quantity(found.text(f"{path}.cpu")), quantity(found.text(f"{path}.memory")))


def _never_negative(free: Amount) -> Amount:
    return Amount(max(free.cpu, 0.0), max(free.memory, 0.0))


def _no_node() -> Finding:
    return Finding(
        "room",
        "problem",
        "No node is ready to run pods",
        "The API server answers, and every node is missing, not ready or cordoned.",
        "Whatever the course applies would stay Pending.",
        "kubectl describe nodes",
        "here",
    )
