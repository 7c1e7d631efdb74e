"""The scheduler: there is one node, and a pod fits onto it or waits."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

from app.sandbox.control.owners import condition
from app.sandbox.control.pods import DONE
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    is_ending,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    stamp,
    strings,
    table,
    text,
)
from app.sandbox.quantities import quantity, requested
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Change

SOURCE = "default-scheduler"
VICTIMS = "No preemption victims found for incoming pod"
NO_HELP = "Preemption is not helpful for scheduling"
RESOURCES = ("cpu", "memory", "ephemeral-storage")
EVERY: Key = ("", "")  # the key of all pods that wait
Amounts: TypeAlias = dict[str, Decimal]


class Used:
    """How much of each node its pods have asked for, kept up to date pod by pod."""

    def __init__(self) -> None:
        self._pods: dict[str, tuple[str, Amounts]] = {}
        self._nodes: dict[str, Amounts] = {}

    def of(self, node: str) -> Amounts:
        """Return what is used of a node: its pods, and of each resource."""
        return self._nodes.setdefault(node, dict.fromkeys(("pods", *RESOURCES), Decimal(0)))

    def see(self, pod: Obj, *, is_gone: bool) -> None:
        """Count a pod as it is now."""
        uid, node = text(pod, "metadata.uid"), text(pod, "spec.nodeName")
        counts = bool(node) and not is_gone and text(pod, "status.phase") not in DONE
        if counts and uid not in self._pods:
            amounts = {resource: requested(pod, resource) for resource in RESOURCES}
            self._pods[uid] = (node, {**amounts, "pods": Decimal(1)})
            self._add(*self._pods[uid], 1)
        elif not counts and uid in self._pods:
            self._add(*self._pods.pop(uid), -1)

    def _add(self, node: str, amounts: Amounts, sign: int) -> None:
        used = self.of(node)
        for resource, amount in amounts.items():
            used[resource] += sign * amount


class Scheduler:
    """Assigns pods to the node, in the order in which they came."""

    resources = frozenset({"pods", "nodes"})

    def __init__(self, registry: Registry, events: Events) -> None:
        self._store = registry.store
        self._events = events
        self._used = Used()

    def touched(self, change: Change) -> Iterable[Key]:
        """Return a pod without a node, or EVERY when there may be room now."""
        obj = change.object
        if change.resource == "pods":
            self._used.see(obj, is_gone=change.type == "DELETED")
        if change.resource == "pods" and change.type != "DELETED":
            if not text(obj, "spec.nodeName"):
                return [(namespace_of(obj), name_of(obj))] if change.type == "ADDED" else []
            if text(obj, "status.phase") not in DONE:
                return []
        if change.resource == "nodes" and not _is_news(change):
            return []
        return [EVERY]

    def look(self, key: Key) -> float | None:
        """Assign one pod, or say why it cannot be; the key EVERY means all that wait."""
        if key == EVERY:
            waiting = [pod for pod in self._store.list("pods") if not text(pod, "spec.nodeName")]
            waiting.sort(key=lambda pod: text(pod, "metadata.creationTimestamp"))
            for pod in waiting:
                self._place(pod)
            return None
        found = self._store.get("pods", key[1], key[0])
        if found is not None:
            self._place(found)
        return None

    def _place(self, pod: Obj) -> None:
        """Assign a pod to the node if it fits."""
        if text(pod, "spec.nodeName") or is_ending(pod):
            return
        if text(pod, "spec.schedulerName", SOURCE) != SOURCE:
            return
        nodes = self._store.list("nodes")
        whys = [self._obstacles(pod, node) for node in nodes]
        fitting = [node for node, why in zip(nodes, whys, strict=True) if not why]
        if fitting:
            self._assign(pod, name_of(fitting[0]))
        else:
            self._refuse(pod, _sentence(len(nodes), whys))

    def _obstacles(self, pod: Obj, node: Obj) -> list[tuple[str, bool]]:
        """Return why a pod cannot go to a node, each with whether evicting others would help."""
        if at(node, "spec.unschedulable") is True:
            return [("node(s) were unschedulable", False)]
        if any(not _tolerates(pod, taint) for taint in items(node, "spec.taints")):
            return [("node(s) had untolerated taint(s)", False)]
        wanted = strings(pod, "spec.nodeSelector").items()
        if not wanted <= labels_of(node).items():
            return [("node(s) didn't match Pod's node affinity/selector", False)]
        return _shortages(pod, table(node, "status.allocatable"), self._used.of(name_of(node)))

    def _assign(self, pod: Obj, node: str) -> None:
        spec: Obj = {**table(pod, "spec"), "nodeName": node}
        status = _with_condition(pod, {"type": "PodScheduled", "status": "True"})
        pod = self._store.update({**pod, "spec": spec, "status": status})
        told = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {node}"
        self._events.record(pod, "Normal", "Scheduled", told, SOURCE)

    def _refuse(self, pod: Obj, why: str) -> None:
        had = condition(items(pod, "status.conditions"), "PodScheduled")
        if text(had, "message") != why:
            self._events.record(pod, "Warning", "FailedScheduling", why, SOURCE)
            unfit: Obj = {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": why,
            }
            self._store.update({**pod, "status": _with_condition(pod, unfit)})


def _is_news(change: Change) -> bool:
    """Whether a node's change may let another pod in: its heartbeat does not."""
    before = change.before or {}
    fields = ("spec", "status.allocatable", "metadata.labels")
    return any(at(before, field) != at(change.object, field) for field in fields)


def _with_condition(pod: Obj, scheduled: Obj) -> Obj:
    status = table(pod, "status")
    full: Obj = {
        "lastProbeTime": None,
        "lastTransitionTime": stamp(),
        "observedGeneration": number(pod, "metadata.generation", 1),
        **scheduled,
    }
    others: list[Json] = [
        one for one in items(status, "conditions") if one.get("type") != "PodScheduled"
    ]
    return {**status, "phase": "Pending", "conditions": [*others, full]}


def _shortages(pod: Obj, room: Obj, used: Amounts) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    if used["pods"] >= quantity(room.get("pods", "110")):
        found.append(("Too many pods", True))
    for resource in RESOURCES:
        wanted = requested(pod, resource)
        whole = quantity(room.get(resource, "0"))
        if resource in room and wanted and wanted > whole - used[resource]:
            found.append((f"Insufficient {resource}", wanted <= whole))
    return found


def _tolerates(pod: Obj, taint: Obj) -> bool:
    if taint.get("effect") == "PreferNoSchedule":
        return True
    for one in items(pod, "spec.tolerations"):
        exists = one.get("operator") == "Exists"
        key = one.get("key") == taint.get("key") or (exists and not one.get("key"))
        value = exists or one.get("value", "") == taint.get("value", "")
        if key and value and one.get("effect") in (None, "", taint.get("effect")):
            return True
    return False


def _sentence(nodes: int, whys: Sequence[Sequence[tuple[str, bool]]]) -> str:
    if not nodes:
        return "no nodes available to schedule pods"
    counts: dict[str, int] = {}
    for why in whys:
        for reason, _ in why:
            counts[reason] = counts.get(reason, 0) + 1
    told = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    helped = any(all(helps for _, helps in why) for why in whys)
    return (
        f"0/{nodes} nodes are available: {told}. no new claims to deallocate, "
        f"preemption: 0/{nodes} nodes are available: {nodes} {VICTIMS if helped else NO_HELP}."
    )
