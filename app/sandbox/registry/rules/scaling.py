"""Rules of what bounds others: autoscalers, disruption budgets, quotas, limit ranges."""

from collections.abc import Iterator

from app.sandbox.objects import Obj, at, items, number, table, text
from app.sandbox.registry.causes import required, wrong
from app.sandbox.registry.rules.resources import NEGATIVE_RULE, quantity
from app.sandbox.status import Cause

LIMITED = ("Container", "PersistentVolumeClaim", "Pod")


def autoscaler_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a HorizontalPodAutoscaler."""
    most, least = number(obj, "spec.maxReplicas"), number(obj, "spec.minReplicas", 1)
    if least < 1:
        yield wrong("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield wrong("spec.maxReplicas", most, "must be greater than 0")
    if most < least:
        yield wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = "spec.scaleTargetRef"
    for key in ("kind", "name"):
        if not text(obj, f"{target}.{key}"):
            yield required(f"{target}.{key}")
    version = text(obj, f"{target}.apiVersion")
    if "/" not in version:
        yield wrong(f"{target}.apiVersion", version, "apiVersion must specify API group")


def budget_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a PodDisruptionBudget."""
    spec = table(obj, "spec")
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown: Obj = {
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        yield wrong("spec", shown, "minAvailable and maxUnavailable cannot be both set")


def quota_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a ResourceQuota."""
    for key, most in table(obj, "spec.hard").items():
        amount = quantity(most)
        if amount is not None and amount < 0:
            yield wrong(f"spec.hard[{key}]", most, NEGATIVE_RULE)


def range_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a LimitRange."""
    for place, limit in enumerate(items(obj, "spec.limits")):
        kind = text(limit, "type")
        if kind not in LIMITED and "/" not in kind:
            said = "must be a standard limit type or fully qualified"
            yield wrong(f"spec.limits[{place}].type", at(limit, "type"), said)
