"""A pod's containers: which there are, in which role, and where they stand."""

from collections.abc import Sequence

from app.sandbox.kubelet.states import Standing, standing_of
from app.sandbox.objects import Obj, items, text, words

SIDECAR = "istio-proxy"


def is_proxied(pod: Obj) -> bool:
    """Whether a pod's traffic goes through a sidecar in it; that of a gateway does not."""
    for container in specs(pod):
        if text(container, "name") == SIDECAR and "sidecar" in words(container, "args"):
            return True
    return False


def specs(pod: Obj) -> Sequence[Obj]:
    """Return what a pod says of its containers, the initial ones first."""
    return [*items(pod, "spec.initContainers"), *items(pod, "spec.containers")]


def standings(pod: Obj) -> list[Standing]:
    """Return where a pod's containers stand as its life begins, by what its status says."""
    inits = items(pod, "spec.initContainers")
    had = {
        text(one, "name"): one
        for field in ("initContainerStatuses", "containerStatuses")
        for one in items(pod, f"status.{field}")
    }
    made = []
    for spec in inits:
        role = "sidecar" if spec.get("restartPolicy") == "Always" else "init"
        before = had.get(text(spec, "name"), {})
        made.append(standing_of(spec, "sidecar" if role == "sidecar" else "init", True, before))
    for spec in items(pod, "spec.containers"):
        before = had.get(text(spec, "name"), {})
        made.append(standing_of(spec, "app", bool(inits), before))
    return made
