"""A pod as kubectl's table shows it: READY, STATUS and RESTARTS, computed the same way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.clusters.objects import Object

PROXY: Final = "istio-proxy"


@dataclass(frozen=True)
class Ready:
    """How many containers are ready, of how many."""

    ready: int
    total: int

    def __str__(self) -> str:
        return f"{self.ready}/{self.total}"

    @property
    def is_all(self) -> bool:
        return self.ready == self.total


def native_sidecars(pod: Object) -> frozenset[str]:
    """Return the init containers that run beside the application until the pod ends.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    starters = pod.parts("spec.initContainers")
    return frozenset(c.text("name") for c in starters if c.text("restartPolicy") == "Always")


def readiness(pod: Object) -> Ready:
    """Return what the READY column says: native sidecars count, other init containers do not."""
    native = native_sidecars(pod)
    total = len(pod.parts("spec.containers")) + len(native)
    statuses = pod.parts("status.containerStatuses")
    ready = sum(s.at("ready") is True and s.at("state.running") is not None for s in statuses)
    for status in pod.parts("status.initContainerStatuses"):
        if status.text("name") in native:
            ready += status.at("started") is True and status.at("ready") is True
    return Ready(ready, total)


def has_sidecar(pod: Object) -> bool:
    """Return whether the mesh's proxy is one of the pod's containers, ordinary or native."""
    names = [c.text("name") for c in pod.parts("spec.containers")]
    return PROXY in names or PROXY in native_sidecars(pod)


def container_statuses(pod: Object) -> list[Object]:
    """Return the statuses of all containers in the order in which they start."""
    return pod.parts("status.initContainerStatuses") + pod.parts("status.containerStatuses")


def restarts(pod: Object) -> int:
    """Return what the RESTARTS column says, all containers together."""
    return int(sum(s.number("restartCount") or 0 for s in container_statuses(pod)))


def status_word(pod: Object) -> str:
    """Return what the STATUS column says: Running, Init:0/1, ImagePullBackOff, Terminating ..."""
    if pod.is_terminating:
        return "Terminating"
    word = pod.text("status.reason") or pod.text("status.phase", "Unknown")
    return next(_starting(pod), "") or _running(pod) or word


def _starting(pod: Object) -> Iterator[str]:
    native = native_sidecars(pod)
    starters = pod.parts("status.initContainerStatuses")
    for index, status in enumerate(starters):
        if status.number("state.terminated.exitCode") == 0:
            continue
        if status.text("name") in native and status.at("started") is True:
            continue
        ended = status.text("state.terminated.reason")
        waits = status.text("state.waiting.reason")
        if ended or waits not in ("", "PodInitializing"):
            yield f"Init:{ended or waits}"
        else:
            yield f"Init:{index}/{len(starters)}"


def _running(pod: Object) -> str:
    for status in pod.parts("status.containerStatuses"):
        word = status.text("state.waiting.reason") or status.text("state.terminated.reason")
        if word:
            return word
    return ""


def table(pods: list[Object]) -> str:
    """Return the pods as `kubectl get pods` prints them, without their age."""
    if not pods:
        return "No resources found."
    rows = [("NAME", "READY", "STATUS", "RESTARTS")]
    rows += [(p.name, str(readiness(p)), status_word(p), str(restarts(p))) for p in pods]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
