"""A Deployment with its ReplicaSets: the new one, the old ones, and the numbers that bind them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.control.owners import encode, fnv32a
from app.sandbox.objects import Json, Obj, annotations_of, at, labels_of, number, table, text

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"


@dataclass(frozen=True)
class Family:
    """`new` is the ReplicaSet of the Deployment's template, None before it is made; `old` the
    others, the oldest first."""

    deployment: Obj
    new: Obj | None
    old: Sequence[Obj]

    @property
    def all(self) -> list[Obj]:
        """Return every ReplicaSet, the new one last."""
        return [*self.old, self.new] if self.new else list(self.old)

    @property
    def wanted(self) -> int:
        """Return how many replicas the Deployment asks for."""
        return number(self.deployment, "spec.replicas", 1)

    @property
    def surge(self) -> int:
        """Return how many replicas there may be beyond those asked for."""
        if text(self.deployment, "spec.strategy.type") == "Recreate":
            return 0
        given = at(self.deployment, "spec.strategy.rollingUpdate.maxSurge")
        return _share("25%" if given is None else given, self.wanted, up=True)

    @property
    def unavailable(self) -> int:
        """Return how many of the replicas asked for may be unavailable."""
        if text(self.deployment, "spec.strategy.type") == "Recreate" or self.wanted == 0:
            return 0
        given = at(self.deployment, "spec.strategy.rollingUpdate.maxUnavailable")
        share = _share("25%" if given is None else given, self.wanted, up=False)
        return min(1 if share == 0 and self.surge == 0 else share, self.wanted)


def family(deployment: Obj, sets: Sequence[Obj]) -> Family:
    """Return a Deployment's ReplicaSets sorted into the new one and the old ones."""
    template = bare(table(deployment, "spec.template"))
    aged = sorted(sets, key=lambda one: (text(one, "metadata.creationTimestamp"), revision(one)))
    same = [one for one in aged if bare(table(one, "spec.template")) == template]
    if not same and aged:
        label = hash_of(template, number(deployment, "status.collisionCount"))
        same = [one for one in aged if labels_of(one).get(HASH) == label]
    new = same[0] if same else None
    return Family(deployment, new, [one for one in aged if one is not new])


def bare(template: Obj) -> Obj:
    """Return a template without the hash that its ReplicaSet put in, and without empty fields.

    An empty field means the same as none: whoever wrote the ReplicaSet may have left it out.
    """
    meta = table(template, "metadata")
    labels = {key: value for key, value in table(meta, "labels").items() if key != HASH}
    kept = {key: value for key, value in meta.items() if key != "creationTimestamp" and value}
    filled: Obj = {key: _filled(value) for key, value in template.items() if key != "metadata"}
    return {**filled, "metadata": {**kept, "labels": labels}}


def _filled(value: Json) -> Json:
    """Return a value without the empty strings, lists and objects in it."""
    if isinstance(value, dict):
        inner = {key: _filled(each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    return value


def hash_of(template: Obj, collisions: int) -> str:
    """Return a template's name: the same for the same template, as a pod-template-hash looks."""
    written = json.dumps(bare(template), sort_keys=True, separators=(",", ":"))
    salt = str(collisions) if collisions else ""
    return encode(fnv32a((written + salt).encode()))


def revision(obj: Obj) -> int:
    """Return the revision of a Deployment or of one of its ReplicaSets, 0 where it has none."""
    written = annotations_of(obj).get(REVISION, "")
    return int(written) if written.isdigit() else 0


def asked(sets: Sequence[Obj]) -> int:
    """Return how many replicas ReplicaSets ask for together."""
    return sum(number(one, "spec.replicas") for one in sets)


def counted(sets: Sequence[Obj], field: str) -> int:
    """Return a number of the status of ReplicaSets, added up."""
    return sum(number(one, f"status.{field}") for one in sets)


def _share(given: Json, whole: int, *, up: bool) -> int:
    if isinstance(given, str) and given.endswith("%") and given[:-1].isdigit():
        part = int(given[:-1]) * whole / 100
        return math.ceil(part) if up else math.floor(part)
    return given if isinstance(given, int) else 0
