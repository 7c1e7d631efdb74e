"""What controllers read from pods: whether one counts, is ready, and since when."""

from datetime import UTC, datetime

from app.sandbox.control.owners import condition
from app.sandbox.objects import (
    Obj,
    annotations_of,
    is_ending,
    items,
    number,
    parse_stamp,
    table,
    text,
)

DONE = ("Succeeded", "Failed")


def is_active(pod: Obj) -> bool:
    """Whether a pod counts as a replica: neither finished nor being deleted."""
    return text(pod, "status.phase") not in DONE and not is_ending(pod)


def ready_since(pod: Obj) -> datetime | None:
    """Return since when a pod is ready, None where it is not."""
    ready = condition(items(pod, "status.conditions"), "Ready")
    if ready is None or ready.get("status") != "True":
        return None
    return parse_stamp(text(ready, "lastTransitionTime"))


def is_ready(pod: Obj) -> bool:
    """Whether a pod's condition Ready is true."""
    return ready_since(pod) is not None


def available_in(pod: Obj, min_ready_s: int) -> float | None:
    """Return in how many seconds a ready pod counts as available (0: now), None if not ready."""
    since = ready_since(pod)
    if since is None:
        return None
    if min_ready_s == 0:
        return 0.0
    return max(0.0, min_ready_s - (datetime.now(UTC) - since).total_seconds())


def of_template(template: Obj, namespace: str, prefix: str, owner: Obj) -> Obj:
    """Return a pod made from a template, named `prefix-` and a suffix by whoever creates it."""
    meta = table(template, "metadata")
    kept: Obj = {key: meta[key] for key in ("labels", "annotations", "finalizers") if meta.get(key)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": f"{prefix}-",
            "namespace": namespace,
            **kept,
            "ownerReferences": [owner],
        },
        "spec": table(template, "spec"),
    }


def removal_rank(pod: Obj) -> tuple[int, int, int, int, float, int, str]:
    """Return a sort key: the pods to be removed first come first.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
    """
    since = ready_since(pod)
    cost = annotations_of(pod).get("controller.kubernetes.io/pod-deletion-cost", "0")
    phases = {"Pending": 0, "": 0, "Unknown": 1, "Running": 2}
    restarts = sum(
        number(status, "restartCount") for status in items(pod, "status.containerStatuses")
    )
    return (
        1 if text(pod, "spec.nodeName") else 0,
        phases.get(text(pod, "status.phase"), 2),
        0 if since is None else 1,
        int(cost) if cost.lstrip("-").isdigit() else 0,
        -since.timestamp() if since else 0.0,
        -restarts,
        _newest_first(text(pod, "metadata.creationTimestamp")),
    )


def _newest_first(stamped: str) -> str:
    """Return text that sorts a later time before an earlier one."""
    return "".join(chr(0x7F - ord(letter)) for letter in stamped)
