"""Which defaults belong to which kind: the one table of them."""

from collections.abc import Callable

from app.sandbox.objects import Obj
from app.sandbox.registry.defaults import others, pods, services, workloads
from app.sandbox.registry.defaults.filling import inner


def _fill_pod(obj: Obj) -> None:
    pods.fill_spec(inner(obj, "spec"))
    pods.fill_pod(obj)


FILLS: dict[str, Callable[[Obj], None]] = {
    "pods": _fill_pod,
    "deployments.apps": workloads.fill_deployment,
    "replicasets.apps": workloads.fill_replicaset,
    "jobs.batch": workloads.fill_job,
    "horizontalpodautoscalers.autoscaling": workloads.fill_autoscaler,
    "services": services.fill_service,
    "endpointslices.discovery.k8s.io": services.fill_slice,
    "namespaces": others.fill_namespace,
    "nodes": others.fill_node,
    "secrets": others.fill_secret,
    "rolebindings.rbac.authorization.k8s.io": others.fill_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": others.fill_binding,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": others.fill_webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": others.fill_webhooks,
    "customresourcedefinitions.apiextensions.k8s.io": others.fill_crd,
}


def fill_in(resource: str, obj: Obj) -> None:
    """Fill a copy of an object in, as its kind wants."""
    if resource in FILLS:
        FILLS[resource](obj)
