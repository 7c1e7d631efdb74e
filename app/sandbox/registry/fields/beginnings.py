"""What a built-in object has before anything is written into it: the parts that are never absent.

A manager does not own these parts themselves, only what is in them. Source: the types of
k8s.io/api whose fields are structs, not pointers to them.
"""

from typing import Final

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.defaults.filling import copied

_POD_SPEC: Final[Obj] = {"containers": None}
_TEMPLATE: Final[Obj] = {"metadata": {}, "spec": _POD_SPEC}
_NAMES: Final[Obj] = {"plural": None, "kind": None}
_HEALTH: Final[tuple[str, ...]] = (
    "currentHealthy",
    "desiredHealthy",
    "disruptionsAllowed",
    "expectedPods",
)
_SPECS: Final[dict[str, Obj]] = {
    "deployments.apps": {"selector": None, "template": _TEMPLATE, "strategy": {}},
    "replicasets.apps": {"selector": None, "template": _TEMPLATE},
    "jobs.batch": {"template": _TEMPLATE},
    "pods": _POD_SPEC,
    "services": {},
    "namespaces": {},
    "nodes": {},
    "resourcequotas": {},
    "limitranges": {"limits": None},
    "leases.coordination.k8s.io": {},
    "poddisruptionbudgets.policy": {},
    "horizontalpodautoscalers.autoscaling": {
        "scaleTargetRef": {"kind": None, "name": None},
        "maxReplicas": None,
    },
    "customresourcedefinitions.apiextensions.k8s.io": {
        "group": None,
        "names": _NAMES,
        "scope": None,
        "versions": None,
    },
}
_STATUSES: Final[dict[str, Obj]] = {
    "services": {"loadBalancer": {}},
    "replicasets.apps": {"replicas": None},
    "poddisruptionbudgets.policy": dict.fromkeys(_HEALTH),
}
_OTHERS: Final[dict[str, dict[str, Json]]] = {
    "roles.rbac.authorization.k8s.io": {"rules": None},
    "clusterroles.rbac.authorization.k8s.io": {"rules": None},
    "rolebindings.rbac.authorization.k8s.io": {"roleRef": {}},
    "clusterrolebindings.rbac.authorization.k8s.io": {"roleRef": {}},
    "endpointslices.discovery.k8s.io": {"addressType": None, "endpoints": None, "ports": None},
    "events": {"involvedObject": {}, "source": {}, **dict.fromkeys(("firstTimestamp",
               "lastTimestamp", "eventTime", "reportingComponent", "reportingInstance"))},
}  # fmt: skip


def empty(resource: str) -> Obj:
    """Return an object of a kind with nothing in it, as the server compares a new one with."""
    made: Obj = {"metadata": {}, **copied(_OTHERS.get(resource, {}))}
    if resource in _SPECS:
        made["spec"] = copied(_SPECS[resource])
        made["status"] = copied(_STATUSES.get(resource, {}))
    return made
