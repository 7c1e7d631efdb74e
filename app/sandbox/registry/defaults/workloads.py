"""Defaults of what makes pods: Deployments, ReplicaSets, Jobs, autoscalers."""

from app.sandbox.objects import Obj, table, text
from app.sandbox.registry.defaults.filling import fill, inner
from app.sandbox.registry.defaults.pods import fill_spec


def _fill_template(obj: Obj) -> None:
    template = inner(inner(obj, "spec"), "template")
    metadata = inner(template, "metadata")
    for field in ("creationTimestamp", "annotations", "labels"):
        if not metadata.get(field) or field == "creationTimestamp":
            metadata.pop(field, None)
    fill_spec(inner(template, "spec"))


def fill_deployment(obj: Obj) -> None:
    """Fill in a Deployment."""
    spec = inner(obj, "spec")
    fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = inner(spec, "strategy")
    fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(inner(strategy, "rollingUpdate"), maxUnavailable="25%", maxSurge="25%")
    _fill_template(obj)


def fill_replicaset(obj: Obj) -> None:
    """Fill in a ReplicaSet."""
    fill(inner(obj, "spec"), replicas=1)
    _fill_template(obj)


UNLIMITED = 2**31 - 1
JOB_LABELS = ("controller-uid", "job-name")


def fill_job(obj: Obj) -> None:
    """Fill in a Job; its pods are chosen by its uid, unless the author chose otherwise."""
    spec = inner(obj, "spec")
    if spec.get("completions") is None and spec.get("parallelism") is None:
        fill(spec, completions=1)
    fill(
        spec,
        parallelism=1,
        backoffLimit=6 if spec.get("backoffLimitPerIndex") is None else UNLIMITED,
        completionMode="NonIndexed",
        suspend=False,
        podReplacementPolicy="TerminatingOrFailed",
        manualSelector=False,
    )
    _fill_template(obj)
    uid, name = text(obj, "metadata.uid"), text(obj, "metadata.name")
    if spec.get("manualSelector") is not True and uid:
        labels = inner(inner(inner(spec, "template"), "metadata"), "labels")
        for prefix in ("", "batch.kubernetes.io/"):
            labels[f"{prefix}controller-uid"] = uid
            labels[f"{prefix}job-name"] = name
        selected = table(spec, "selector.matchLabels")
        chosen: Obj = {**selected, "batch.kubernetes.io/controller-uid": uid}
        spec["selector"] = {"matchLabels": chosen}
    metadata = inner(obj, "metadata")
    if not table(metadata, "labels"):
        metadata["labels"] = {**table(spec, "template.metadata.labels")}


def fill_autoscaler(obj: Obj) -> None:
    """Fill in a HorizontalPodAutoscaler."""
    target: Obj = {"type": "Utilization", "averageUtilization": 80}
    metric: Obj = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    fill(inner(obj, "spec"), minReplicas=1, metrics=[metric])
