"""PodDisruptionBudgets: how many of the pods that they mean may go at will."""

import math
from collections.abc import Iterable, Sequence

from app.sandbox.control.owners import condition, controller_of, set_status
from app.sandbox.control.pods import is_active, is_ready
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    stamp,
    table,
    text,
)
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.selectors import matcher_of
from app.sandbox.store.store import Change

RESOURCE = "poddisruptionbudgets.policy"


class Disruptions:
    """The controller of PodDisruptionBudgets' status."""

    resources = frozenset({RESOURCE, "pods"})

    def __init__(self, registry: Registry) -> None:
        self._store = registry.store

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the budgets of the namespace in which something has changed."""
        namespace = namespace_of(change.object)
        return [(namespace, name_of(one)) for one in self._store.list(RESOURCE, namespace)]

    def look(self, key: Key) -> float | None:
        """Count a budget's pods anew."""
        found = self._store.get(RESOURCE, key[1], key[0])
        if found is None:
            return None
        matches = matcher_of(table(found, "spec.selector"))
        pods = [
            pod
            for pod in self._store.list("pods", key[0])
            if is_active(pod) and matches(labels_of(pod))
        ]
        set_status(self._store, found, status_of(found, pods, self._expected(pods)))
        return None

    def _expected(self, pods: Sequence[Obj]) -> int:
        """Return how many pods the owners of these ask for together."""
        owners = {text(controller_of(pod), "name"): namespace_of(pod) for pod in pods}
        sets = [self._store.get("replicasets.apps", name, place) for name, place in owners.items()]
        alone = sum(controller_of(pod) is None for pod in pods)
        return alone + sum(number(one, "spec.replicas") for one in sets if one is not None)


def status_of(budget: Obj, pods: Sequence[Obj], expected: int) -> Obj:
    """Return the status of a budget whose owners ask for `expected` pods."""
    least, most = at(budget, "spec.minAvailable"), at(budget, "spec.maxUnavailable")
    if isinstance(least, int):
        expected, desired = len(pods), least
    elif least is not None:
        desired = _share(least, expected)
    else:
        desired = max(0, expected - _share(1 if most is None else most, expected))
    healthy = sum(is_ready(pod) for pod in pods)
    allowed = max(0, healthy - desired) if expected else 0
    had = condition(items(budget, "status.conditions"), "DisruptionAllowed")
    word = "True" if allowed else "False"
    same = had is not None and had.get("status") == word
    told: Obj = {
        "type": "DisruptionAllowed",
        "status": word,
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
        "observedGeneration": number(budget, "metadata.generation", 1),
        "lastTransitionTime": text(had, "lastTransitionTime") if same else stamp(),
    }
    return {
        "conditions": [told],
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": number(budget, "metadata.generation", 1),
    }


def _share(given: Json, whole: int) -> int:
    if isinstance(given, str) and given.endswith("%") and given[:-1].isdigit():
        return math.ceil(int(given[:-1]) * whole / 100)
    return given if isinstance(given, int) else 0
