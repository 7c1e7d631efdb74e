"""Which rules belong to which kind: the one table of them."""

from collections.abc import Callable, Iterator

from app.sandbox.objects import Obj
from app.sandbox.registry.names import metadata_causes
from app.sandbox.registry.rules import others, scaling, services, workloads
from app.sandbox.status import Cause
from app.sandbox.store.kinds import Kind

RBAC = "rbac.authorization.k8s.io"
HOOKS = "admissionregistration.k8s.io"
RULES: dict[str, Callable[[Obj, Obj | None], Iterator[Cause]]] = {
    "pods": workloads.pod_causes,
    "deployments.apps": workloads.deployment_causes,
    "replicasets.apps": workloads.replicaset_causes,
    "jobs.batch": workloads.job_causes,
    "services": services.service_causes,
    "configmaps": others.data_causes,
    "secrets": others.data_causes,
    f"roles.{RBAC}": others.role_causes,
    f"clusterroles.{RBAC}": others.role_causes,
    f"rolebindings.{RBAC}": others.binding_causes,
    f"clusterrolebindings.{RBAC}": others.binding_causes,
    f"mutatingwebhookconfigurations.{HOOKS}": others.webhook_causes,
    f"validatingwebhookconfigurations.{HOOKS}": others.webhook_causes,
    "horizontalpodautoscalers.autoscaling": scaling.autoscaler_causes,
    "poddisruptionbudgets.policy": scaling.budget_causes,
    "resourcequotas": scaling.quota_causes,
    "limitranges": scaling.range_causes,
    "customresourcedefinitions.apiextensions.k8s.io": others.crd_causes,
}


def causes(kind: Kind, obj: Obj, before: Obj | None) -> list[Cause]:
    """Return what is wrong in an object, in Kubernetes' order."""
    found = metadata_causes(kind, obj)
    if kind.resource in RULES:
        found += RULES[kind.resource](obj, before)
    return found
