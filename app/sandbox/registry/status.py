"""An object's status: what it begins with, and who may change it."""

from app.sandbox.objects import Obj, table
from app.sandbox.registry.defaults.filling import inner
from app.sandbox.registry.defaults.pods import quality_of
from app.sandbox.store.kinds import Kind

FIRST: dict[str, Obj] = {
    "deployments.apps": {},
    "jobs.batch": {},
    "replicasets.apps": {"replicas": 0},
    "services": {"loadBalancer": {}},
    "horizontalpodautoscalers.autoscaling": {"currentMetrics": None, "desiredReplicas": 0},
    "poddisruptionbudgets.policy": {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
}


def new_status(kind: Kind, obj: Obj, *, trusted: bool) -> None:
    """Give a copy of a new object the status that it begins with; a trusted asker's is kept."""
    if trusted and table(obj, "status"):
        return
    if "status" in kind.subresources:
        obj.pop("status", None)
    if kind.resource in FIRST:
        obj["status"] = dict(FIRST[kind.resource])
    if kind.resource == "pods":
        obj["status"] = {"phase": "Pending", "qosClass": quality_of(inner(obj, "spec"))}


def keep_status(kind: Kind, obj: Obj, before: Obj, subresource: str) -> None:
    """Keep of a change what `subresource` may change: status, finalizers, or all but status."""
    if subresource in ("status", "finalize"):
        spec_of = obj if subresource == "finalize" else before
        status_of = obj if subresource == "status" else before
        metadata = obj["metadata"] if subresource == "finalize" else before["metadata"]
        kept: Obj = {key: value for key, value in before.items() if key not in ("spec", "status")}
        if "spec" in spec_of:
            kept["spec"] = spec_of["spec"]
        if "status" in status_of:
            kept["status"] = status_of["status"]
        obj.clear()
        obj.update({**kept, "metadata": metadata})
        return
    if "status" in kind.subresources:
        obj.pop("status", None)
        if "status" in before:
            obj["status"] = before["status"]
