"""The controller of Deployments."""

from collections.abc import Iterable

from app.sandbox.control.deployment import revisions, rollout
from app.sandbox.control.deployment.family import (
    REVISION,
    Family,
    asked,
    counted,
    family,
    revision,
)
from app.sandbox.control.deployment.status import (
    deadline_of,
    is_complete,
    progressing,
    seconds_left,
    set_condition,
    status_of,
    with_progress,
)
from app.sandbox.control.owners import (
    condition,
    controller_of,
    itself_or_controller,
    set_status,
    with_meta,
)
from app.sandbox.control.pods import is_active
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    at,
    is_ending,
    items,
    name_of,
    namespace_of,
    number,
    text,
)
from app.sandbox.registry.events import Events
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError
from app.sandbox.store.store import Change

SOURCE = "deployment-controller"


class Deployments:
    """Keeps each Deployment's ReplicaSets at the sizes that its strategy asks for."""

    resources = frozenset({"deployments.apps", "replicasets.apps"})

    def __init__(self, registry: Registry, events: Events) -> None:
        self._registry = registry
        self._store = registry.store
        self._events = events

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the Deployment itself, or the one that a ReplicaSet belongs to."""
        return itself_or_controller(change, "deployments.apps", "Deployment")

    def look(self, key: Key) -> float | None:
        """Move the rollout on by one step, and say how it stands."""
        found = self._now(key)
        if found is None:
            return None
        if is_ending(found.deployment):
            self._tell(found)
            return None
        found = self._pause(found)
        paused = at(found.deployment, "spec.paused") is True
        if paused or rollout.is_scaled(found):
            found = self._number(found, create=False)
            active = {name_of(one): asked([one]) for one in found.all if asked([one])}
            self._resize(found, active | rollout.scaled_sizes(found))
        elif text(found.deployment, "spec.strategy.type") == "Recreate":
            self._recreate(found)
        else:
            self._roll(found)
        self._tell(self._now(key), moving=not paused)
        return self._clean(self._now(key))

    def _now(self, key: Key) -> Family | None:
        deployment = self._store.get("deployments.apps", key[1], key[0])
        if deployment is None:
            return None
        return family(deployment, revisions.claim(self._store, deployment))

    def _roll(self, found: Family) -> None:
        found = self._number(found, create=True)
        self._resize(found, rollout.next_sizes(found))

    def _recreate(self, found: Family) -> None:
        self._resize(found, {name_of(one): 0 for one in found.old if asked([one])})
        names = {name_of(one) for one in found.old}
        for pod in self._store.list("pods", namespace_of(found.deployment)):
            owner = controller_of(pod)
            if text(owner, "name") in names and (is_active(pod) or is_ending(pod)):
                return
        self._roll(found)

    def _number(self, found: Family, *, create: bool) -> Family:
        """Return the family with its new ReplicaSet made, numbered and annotated."""
        if found.new is None and not create:
            return found
        revision_ = max(revisions.next_revision(found.old), revision(found.new or {}))
        name = ""
        if found.new is None:
            name = name_of(self._create(found))
        else:
            notes = revisions.annotations(found, found.new, revision_)
            self._store.update(with_meta(found.new, annotations=notes))
        self._note(found.deployment, revision_, name)
        again = self._now((namespace_of(found.deployment), name_of(found.deployment)))
        return again or found

    def _create(self, found: Family) -> Obj:
        try:
            made = revisions.create(self._registry, found)
        except StatusError as refused:
            if refused.reason == "AlreadyExists":
                self._collide(found.deployment)
            raise
        size = number(made, "spec.replicas")
        if size:
            self._scaled(found.deployment, made, 0, size)
        return made

    def _collide(self, deployment: Obj) -> None:
        """Have the next hash differ: another ReplicaSet has the name of this one already."""
        status = deployment.get("status")
        had: Obj = status if isinstance(status, dict) else {}
        again = number(deployment, "status.collisionCount") + 1
        set_status(self._store, deployment, {**had, "collisionCount": again})

    def _note(self, deployment: Obj, revision_: int, created: str) -> None:
        """Write the revision at the Deployment, and the news of a new ReplicaSet."""
        notes: Obj = {**annotations_of(deployment), REVISION: str(revision_)}
        noted = with_meta(deployment, annotations=notes)
        conditions = items(deployment, "status.conditions")
        if created and deadline_of(deployment) is not None:
            told = f'Created new replica set "{created}"'
            new = progressing("True", "NewReplicaSetCreated", told)
            noted = _with_conditions(noted, set_condition(conditions, new))
        self._store.update(noted)

    def _resize(self, found: Family, sizes: rollout.Sizes) -> None:
        for one in found.all:
            size, before = sizes.get(name_of(one)), number(one, "spec.replicas")
            if size is not None:
                revisions.resize(self._store, found, one, size)
            if size is not None and size != before:
                self._scaled(found.deployment, one, before, size)

    def _scaled(self, deployment: Obj, one: Obj, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        told = f"Scaled {way} replica set {name_of(one)} from {before} to {after}"
        self._events.record(deployment, "Normal", "ScalingReplicaSet", told, SOURCE)

    def _pause(self, found: Family) -> Family:
        """Return the family after saying that the Deployment is paused, or goes on."""
        deployment = found.deployment
        conditions = items(deployment, "status.conditions")
        current = text(condition(conditions, "Progressing"), "reason")
        paused = at(deployment, "spec.paused") is True
        if deadline_of(deployment) is None or current == "ProgressDeadlineExceeded":
            return found
        if paused and current != "DeploymentPaused":
            new = progressing("Unknown", "DeploymentPaused", "Deployment is paused")
        elif not paused and current == "DeploymentPaused":
            new = progressing("Unknown", "DeploymentResumed", "Deployment is resumed")
        else:
            return found
        changed = _with_conditions(deployment, set_condition(conditions, new))
        return Family(self._store.update(changed), found.new, found.old)

    def _tell(self, found: Family | None, *, moving: bool = False) -> None:
        if found is None:
            return
        status = status_of(found, counted(found.all, "terminatingReplicas"))
        if moving:
            status = with_progress(found, status)
        set_status(self._store, found.deployment, status)

    def _clean(self, found: Family | None) -> float | None:
        """Remove old ReplicaSets beyond the limit; return when the deadline would have passed."""
        if found is None:
            return None
        deployment = found.deployment
        status = deployment.get("status")
        if is_complete(found, status if isinstance(status, dict) else {}):
            for one in revisions.outdated(found):
                self._registry.delete(
                    "replicasets.apps", name_of(one), namespace_of(one), revisions.ASK
                )
        current = condition(items(deployment, "status.conditions"), "Progressing")
        left_s = seconds_left(deployment, current)
        return None if left_s is None else max(left_s, 0.0) + 1.0


def _with_conditions(deployment: Obj, conditions: list[Obj]) -> Obj:
    status = deployment.get("status")
    kept: Obj = status if isinstance(status, dict) else {}
    made: list[Json] = [*conditions]
    return {**deployment, "status": {**kept, "conditions": made}}
