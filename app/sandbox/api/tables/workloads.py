"""The rows of what makes pods: Deployments, ReplicaSets, Jobs and their like."""

from datetime import datetime

from app.sandbox.api.tables.ages import age, lasting, since
from app.sandbox.api.tables.columns import (
    NONE,
    Cells,
    Layout,
    columns,
    containers,
    pairs,
    plain,
    selector,
)
from app.sandbox.objects import (
    Obj,
    at,
    is_ending,
    items,
    name_of,
    number,
    parse_stamp,
    strings,
    table,
    text,
)

TEMPLATE = "spec.template.spec"
WIDE = "Containers|Images|Selector"


def deployment_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Deployment."""
    return [
        name_of(obj),
        f"{number(obj, 'status.readyReplicas')}/{number(obj, 'spec.replicas')}",
        number(obj, "status.updatedReplicas"),
        number(obj, "status.availableReplicas"),
        age(obj, now),
        *containers(table(obj, TEMPLATE)),
        selector(obj, "spec.selector", empty=""),
    ]


def scale_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Scale."""
    wanted, there = number(obj, "spec.replicas"), number(obj, "status.replicas")
    return [name_of(obj), wanted, there, age(obj, now)]


def replicaset_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a ReplicaSet."""
    return [
        name_of(obj),
        number(obj, "spec.replicas"),
        number(obj, "status.replicas"),
        number(obj, "status.readyReplicas"),
        age(obj, now),
        *containers(table(obj, TEMPLATE)),
        selector(obj, "spec.selector"),
    ]


def statefulset_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a StatefulSet."""
    return [
        name_of(obj),
        f"{number(obj, 'status.readyReplicas')}/{number(obj, 'spec.replicas')}",
        age(obj, now),
        *containers(table(obj, TEMPLATE)),
    ]


def daemonset_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a DaemonSet."""
    counts = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        name_of(obj),
        *(number(obj, f"status.{count}") for count in counts),
        pairs(strings(obj, f"{TEMPLATE}.nodeSelector")),
        age(obj, now),
        *containers(table(obj, TEMPLATE)),
        selector(obj, "spec.selector"),
    ]


def job_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Job."""
    return [
        name_of(obj),
        _job_status(obj),
        _completions(obj),
        _duration(obj, now),
        age(obj, now),
        *containers(table(obj, TEMPLATE)),
        selector(obj, "spec.selector"),
    ]


def _job_status(job: Obj) -> str:
    true = {
        text(one, "type")
        for one in items(job, "status.conditions")
        if text(one, "status") == "True"
    }
    if "Complete" in true:
        return "Complete"
    if "Failed" in true:
        return "Failed"
    if is_ending(job):
        return "Terminating"
    for condition in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if condition in true:
            return condition
    return "Running"


def _completions(job: Obj) -> str:
    done = number(job, "status.succeeded")
    if at(job, "spec.completions") is not None:
        return f"{done}/{number(job, 'spec.completions')}"
    at_once = number(job, "spec.parallelism")
    return f"{done}/1 of {at_once}" if at_once > 1 else f"{done}/1"


def _duration(job: Obj, now: datetime) -> str:
    started, ended = text(job, "status.startTime"), text(job, "status.completionTime")
    if not started:
        return ""
    until = parse_stamp(ended) if ended else now
    return lasting((until - parse_stamp(started)).total_seconds())


def cronjob_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a CronJob."""
    suspended = at(obj, "spec.suspend")
    inner = "spec.jobTemplate.spec"
    return [
        name_of(obj),
        text(obj, "spec.schedule"),
        text(obj, "spec.timeZone") or NONE,
        "<unset>" if suspended is None else str(suspended is True),
        len(items(obj, "status.active")),
        since(obj, "status.lastScheduleTime", now) if at(obj, "status.lastScheduleTime") else NONE,
        age(obj, now),
        *containers(table(obj, f"{inner}.template.spec")),
        selector(obj, f"{inner}.selector"),
    ]


def budget_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a PodDisruptionBudget."""
    return [
        name_of(obj),
        plain(obj, "spec.minAvailable") or "N/A",
        plain(obj, "spec.maxUnavailable") or "N/A",
        number(obj, "status.disruptionsAllowed"),
        age(obj, now),
    ]


def autoscaler_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a HorizontalPodAutoscaler."""
    least = at(obj, "spec.minReplicas")
    return [
        name_of(obj),
        f"{text(obj, 'spec.scaleTargetRef.kind')}/{text(obj, 'spec.scaleTargetRef.name')}",
        _metrics(obj),
        "<unset>" if least is None else str(least),
        number(obj, "spec.maxReplicas"),
        number(obj, "status.currentReplicas"),
        age(obj, now),
    ]


def _metrics(scaler: Obj) -> str:
    """Return TARGETS: what is measured now and what is wanted, for the first two metrics."""
    current = items(scaler, "status.currentMetrics")
    told = []
    for place, metric in enumerate(items(scaler, "spec.metrics")):
        source = text(metric, "type")
        key = source[:1].lower() + source[1:]
        seen = table(current[place], f"{key}.current") if place < len(current) else {}
        told.append(_metric(source, table(metric, key), seen))
    if len(told) > 2:
        return f"{', '.join(told[:2])} + {len(told) - 2} more..."
    return ", ".join(told) or NONE


def _metric(source: str, metric: Obj, seen: Obj) -> str:
    target = table(metric, "target")
    name = f"{text(metric, 'name')}: " if source in ("Resource", "ContainerResource") else ""
    if "averageValue" in target or source == "Pods":
        now = plain(seen, "averageValue") or "<unknown>"
        mark = " (avg)" if source in ("External", "Object") else ""
        return f"{name}{now}/{plain(target, 'averageValue')}{mark}"
    if name:
        share, want = (at(part, "averageUtilization") for part in (seen, target))
        said = "<unknown>" if share is None else f"{share}%"
        return f"{name}{said}/{'<auto>' if want is None else f'{want}%'}"
    if source in ("External", "Object"):
        return f"{plain(seen, 'value') or '<unknown>'}/{plain(target, 'value')}"
    return "<unknown type>"


WORKLOADS = {
    "scales.autoscaling": Layout(columns("Name|Desired#|Available#|Age"), scale_cells),
    "deployments.apps": Layout(
        columns("Name|Ready|Up-to-date|Available|Age", WIDE), deployment_cells
    ),
    "replicasets.apps": Layout(
        columns("Name|Desired#|Current#|Ready#|Age", WIDE), replicaset_cells
    ),
    "statefulsets.apps": Layout(columns("Name|Ready|Age", "Containers|Images"), statefulset_cells),
    "daemonsets.apps": Layout(
        columns(
            "Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age",
            WIDE,
        ),
        daemonset_cells,
    ),
    "jobs.batch": Layout(columns("Name|Status|Completions|Duration|Age", WIDE), job_cells),
    "cronjobs.batch": Layout(
        columns("Name|Schedule|Timezone|Suspend?|Active#|Last Schedule|Age", WIDE), cronjob_cells
    ),
    "poddisruptionbudgets.policy": Layout(
        columns("Name|Min Available|Max Unavailable|Allowed Disruptions#|Age"), budget_cells
    ),
    "horizontalpodautoscalers.autoscaling": Layout(
        columns("Name|Reference|Targets|MinPods|MaxPods|Replicas|Age"), autoscaler_cells
    ),
}
