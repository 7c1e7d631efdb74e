"""ReplicaSets: as many pods of a template as they ask for."""

from collections.abc import Iterable, Iterator, Sequence

from app.sandbox.control.owners import (
    condition,
    controlled,
    controller_of,
    reference_to,
    set_status,
    with_meta,
)
from app.sandbox.control.pods import available_in, is_active, is_ready, of_template, removal_rank
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
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
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.selectors import Matcher, matcher_of
from app.sandbox.status import StatusError
from app.sandbox.store.store import Change

SOURCE = "replicaset-controller"
ASK = Ask(user="system:serviceaccount:kube-system:replicaset-controller")
AT_ONCE = 20  # pods made or removed before others have their turn
MORE_S = 0.01


class ReplicaSets:
    """The controller of ReplicaSets."""

    resources = frozenset({"replicasets.apps", "pods"})

    def __init__(self, registry: Registry, events: Events) -> None:
        self._registry = registry
        self._store = registry.store
        self._events = events

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the ReplicaSet itself, a pod's own one, or those that could adopt a pod."""
        obj = change.object
        if change.resource == "replicasets.apps":
            return [(namespace_of(obj), name_of(obj))]
        return {key for pod in (obj, change.before) if pod is not None for key in self._of(pod)}

    def _of(self, pod: Obj) -> Iterator[Key]:
        owner = controller_of(pod)
        if owner is not None:
            if owner.get("kind") == "ReplicaSet":
                yield namespace_of(pod), text(owner, "name")
            return
        for found in self._store.list("replicasets.apps", namespace_of(pod)):
            if matcher_of(table(found, "spec.selector"))(labels_of(pod)):
                yield namespace_of(pod), name_of(found)

    def look(self, key: Key) -> float | None:
        """Create or delete pods until there are as many as asked for, and count them."""
        found = self._store.get("replicasets.apps", key[1], key[0])
        if found is None:
            return None
        pods = self._claim(found)
        active = [pod for pod in pods if is_active(pod)]
        failure: StatusError | None = None
        more = False
        if not is_ending(found):
            try:
                more = self._scale(found, active)
            except StatusError as refused:
                failure = refused
            pods = controlled(self._store, "pods", found)
        after_s = self._count(found, pods, failure)
        if failure is not None:
            raise failure
        return MORE_S if more else after_s

    def _claim(self, owner: Obj) -> list[Obj]:
        """Adopt what matches and is nobody's, let go what matches no more."""
        matches = matcher_of(table(owner, "spec.selector"))
        own = controlled(self._store, "pods", owner)
        for pod in own:
            if not is_ending(pod) and not is_ending(owner) and not matches(labels_of(pod)):
                self._store.update(with_meta(pod, ownerReferences=_others(pod, owner)))
        if not is_ending(owner):
            self._adopt(owner, matches)
        return controlled(self._store, "pods", owner)

    def _adopt(self, owner: Obj, matches: Matcher) -> None:
        for pod in self._store.list("pods", namespace_of(owner)):
            free = controller_of(pod) is None and is_active(pod)
            if free and matches(labels_of(pod)):
                references: list[Json] = [*items(pod, "metadata.ownerReferences")]
                references.append(reference_to(owner))
                self._store.update(with_meta(pod, ownerReferences=references))

    def _scale(self, owner: Obj, active: Sequence[Obj]) -> bool:
        """Create or delete some of the pods; return whether more are to follow."""
        wanted = number(owner, "spec.replicas", 1)
        for _ in range(min(wanted - len(active), AT_ONCE)):
            self._create(owner)
        surplus = max(len(active) - wanted, 0)
        for pod in sorted(active, key=removal_rank)[: min(surplus, AT_ONCE)]:
            self._registry.delete("pods", name_of(pod), namespace_of(pod), ASK)
            told = f"Deleted pod: {name_of(pod)}"
            self._events.record(owner, "Normal", "SuccessfulDelete", told, SOURCE)
        return abs(len(active) - wanted) > AT_ONCE

    def _create(self, owner: Obj) -> None:
        template = table(owner, "spec.template")
        pod = of_template(template, namespace_of(owner), name_of(owner), reference_to(owner))
        try:
            made = self._registry.create(pod, ASK)
        except StatusError as refused:
            told = f"Error creating: {refused.message}"
            self._events.record(owner, "Warning", "FailedCreate", told, SOURCE)
            raise
        told = f"Created pod: {name_of(made)}"
        self._events.record(owner, "Normal", "SuccessfulCreate", told, SOURCE)

    def _count(self, owner: Obj, pods: Sequence[Obj], failure: StatusError | None) -> float | None:
        owner = self._store.get("replicasets.apps", name_of(owner), namespace_of(owner)) or owner
        status, after_s = counted(owner, pods)
        conditions = _conditions(owner, failure)
        if conditions:
            status["conditions"] = conditions
        set_status(self._store, owner, status)
        return after_s


def counted(owner: Obj, pods: Sequence[Obj]) -> tuple[Obj, float | None]:
    """Return a ReplicaSet's status, and in how many seconds its next pod becomes available."""
    active = [pod for pod in pods if is_active(pod)]
    labels = strings(owner, "spec.template.metadata.labels").items()
    waits = [available_in(pod, number(owner, "spec.minReadySeconds")) for pod in active]
    told = {
        "fullyLabeledReplicas": sum(labels <= labels_of(pod).items() for pod in active),
        "readyReplicas": sum(is_ready(pod) for pod in active),
        "availableReplicas": sum(wait == 0 for wait in waits),
    }
    status: Obj = {"replicas": len(active), **{key: count for key, count in told.items() if count}}
    status["terminatingReplicas"] = sum(is_ending(pod) for pod in pods)
    status["observedGeneration"] = number(owner, "metadata.generation")
    return status, min((wait for wait in waits if wait), default=None)


def _conditions(owner: Obj, failure: StatusError | None) -> list[Json]:
    others: list[Json] = [
        one for one in items(owner, "status.conditions") if one.get("type") != "ReplicaFailure"
    ]
    if failure is None:
        return others
    before = condition(items(owner, "status.conditions"), "ReplicaFailure")
    if before is not None:
        return [*others, before]
    failed: Obj = {
        "type": "ReplicaFailure",
        "status": "True",
        "lastTransitionTime": stamp(),
        "reason": "FailedCreate",
        "message": failure.message,
    }
    return [*others, failed]


def _others(pod: Obj, owner: Obj) -> list[Json]:
    uid = text(owner, "metadata.uid")
    return [one for one in items(pod, "metadata.ownerReferences") if one.get("uid") != uid]
