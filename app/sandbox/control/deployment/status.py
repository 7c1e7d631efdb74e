"""What a Deployment says of itself: numbers, and the conditions Available and Progressing."""

from datetime import UTC, datetime

from app.sandbox.control.deployment.family import Family, asked, counted
from app.sandbox.control.owners import condition
from app.sandbox.objects import Json, Obj, at, items, name_of, number, parse_stamp, stamp, text

AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
LONGEST_S = 2_147_483_647  # a progressDeadlineSeconds of this means: none


def status_of(family: Family, ending_pods: int) -> Obj:
    """Return the Deployment's status as its ReplicaSets are now."""
    sets = family.all
    available = counted(sets, "availableReplicas")
    new = [family.new] if family.new else []
    told = {
        "replicas": counted(sets, "replicas"),
        "updatedReplicas": counted(new, "replicas"),
        "readyReplicas": counted(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, asked(sets) - available),
    }
    status: Obj = {
        "observedGeneration": number(family.deployment, "metadata.generation"),
        **{key: count for key, count in told.items() if count},
        "terminatingReplicas": ending_pods,
    }
    collisions = number(family.deployment, "status.collisionCount")
    if collisions:
        status["collisionCount"] = collisions
    kept = _with_availability(family, available, items(family.deployment, "status.conditions"))
    conditions: list[Json] = [*_with_failure(family, kept)]
    status["conditions"] = conditions
    return status


def with_progress(family: Family, status: Obj) -> Obj:
    """Return the status with its condition Progressing as the rollout goes."""
    conditions = items(status, "conditions")
    if deadline_of(family.deployment) is None:
        left: list[Json] = [one for one in conditions if one.get("type") != "Progressing"]
        return {**status, "conditions": left}
    current = condition(conditions, "Progressing")
    settled = text(current, "reason") == AVAILABLE
    if settled and number(status, "replicas") == number(status, "updatedReplicas"):
        return status
    name = name_of(family.new) if family.new else name_of(family.deployment)
    said = f'ReplicaSet "{name}"' if family.new else f'Deployment "{name}"'
    if is_complete(family, status):
        return _set(status, "True", AVAILABLE, f"{said} has successfully progressed.")
    if _has_moved(family.deployment, status):
        new = progressing("True", "ReplicaSetUpdated", f"{said} is progressing.")
        if current is not None and current.get("status") == "True":
            new["lastTransitionTime"] = current.get("lastTransitionTime")
        others: list[Json] = [one for one in conditions if one.get("type") != "Progressing"]
        return {**status, "conditions": [*others, new]}
    left_s = seconds_left(family.deployment, current)
    if left_s is not None and left_s <= 0:
        return _set(status, "False", TIMED_OUT, f"{said} has timed out progressing.")
    return status


def is_complete(family: Family, status: Obj) -> bool:
    """Whether every replica is of the new template and available."""
    fields = ("updatedReplicas", "replicas", "availableReplicas")
    return all(number(status, field) == family.wanted for field in fields)


def seconds_left(deployment: Obj, current: Obj | None) -> float | None:
    """Return how long a rollout may still stand still, None where nothing counts that time."""
    deadline_s = deadline_of(deployment)
    reason = text(current, "reason")
    if deadline_s is None or current is None or reason in (AVAILABLE, TIMED_OUT):
        return None
    if at(deployment, "spec.paused") is True:
        return None
    since = parse_stamp(text(current, "lastUpdateTime"))
    return deadline_s - (datetime.now(UTC) - since).total_seconds()


def deadline_of(deployment: Obj) -> int | None:
    """Return spec.progressDeadlineSeconds, None where there is no deadline."""
    deadline_s = number(deployment, "spec.progressDeadlineSeconds", 600)
    return None if deadline_s == LONGEST_S else deadline_s


def progressing(status: str, reason: str, message: str) -> Obj:
    """Return a condition Progressing of now."""
    now = stamp()
    return {
        "type": "Progressing",
        "status": status,
        "lastUpdateTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def set_condition(conditions: list[Obj], new: Obj) -> list[Obj]:
    """Return the conditions with one set; unchanged where status and reason are the same."""
    before = condition(conditions, text(new, "type"))
    if before is not None:
        if (before.get("status"), before.get("reason")) == (new["status"], new["reason"]):
            return conditions
        if before.get("status") == new["status"]:
            new = {**new, "lastTransitionTime": before.get("lastTransitionTime")}
    return [*(one for one in conditions if one.get("type") != new["type"]), new]


def _set(status: Obj, value: str, reason: str, message: str) -> Obj:
    made: list[Json] = [
        *set_condition(items(status, "conditions"), progressing(value, reason, message))
    ]
    return {**status, "conditions": made}


def _has_moved(deployment: Obj, status: Obj) -> bool:
    def both(field: str) -> tuple[int, int]:
        return number(deployment, f"status.{field}"), number(status, field)

    replicas, updated = both("replicas"), both("updatedReplicas")
    ready, available = both("readyReplicas"), both("availableReplicas")
    return (
        updated[1] > updated[0]
        or replicas[1] - updated[1] < replicas[0] - updated[0]
        or ready[1] > ready[0]
        or available[1] > available[0]
    )


def _with_availability(family: Family, available: int, conditions: list[Obj]) -> list[Obj]:
    enough = available >= family.wanted - family.unavailable
    new = progressing(
        "True" if enough else "False",
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    )
    return set_condition(conditions, {**new, "type": "Available"})


def _with_failure(family: Family, conditions: list[Obj]) -> list[Obj]:
    """Return the conditions with the ReplicaSets' failure to create pods, where there is one."""
    for one in reversed(family.all):
        failed = condition(items(one, "status.conditions"), "ReplicaFailure")
        if failed is not None and failed.get("status") == "True":
            new = {**failed, "lastUpdateTime": failed.get("lastTransitionTime")}
            return set_condition(conditions, new)
    return [one for one in conditions if one.get("type") != "ReplicaFailure"]
