"""How many replicas each ReplicaSet of a Deployment shall have next.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
"""

from collections.abc import Sequence
from typing import TypeAlias

from app.sandbox.control.deployment.family import DESIRED, MOST, Family, asked, counted
from app.sandbox.objects import Obj, annotations_of, name_of, number

Sizes: TypeAlias = dict[str, int]  # a ReplicaSet's name → its replicas


def first_size(family: Family) -> int:
    """Return with how many replicas the new ReplicaSet begins, or may have now."""
    now = number(family.new, "spec.replicas") if family.new else 0
    if now >= family.wanted:
        return family.wanted
    room = family.wanted + family.surge - asked(family.all)
    return now + max(0, min(room, family.wanted - now))


def next_sizes(family: Family) -> Sizes:
    """Return the sizes to be changed now, for a rolling update. First up, then down."""
    new = family.new
    if new is None:
        return {}
    size = first_size(family)
    if size != number(new, "spec.replicas"):
        return {name_of(new): size}
    return _shrink(family, new)


def _shrink(family: Family, new: Obj) -> Sizes:
    running = [one for one in family.old if number(one, "spec.replicas")]
    least = family.wanted - family.unavailable
    missing = number(new, "spec.replicas") - number(new, "status.availableReplicas")
    removable = asked(family.all) - least - missing
    if not running or removable <= 0:
        return {}
    sizes = _without_broken(running, removable)
    available = counted(family.all, "availableReplicas")
    spare = available - least
    for one in running:
        size = sizes.get(name_of(one), number(one, "spec.replicas"))
        down = min(size, max(spare, 0))
        if down:
            sizes[name_of(one)] = size - down
            spare -= down
    return sizes


def _without_broken(running: Sequence[Obj], most: int) -> Sizes:
    """Return the sizes of old ReplicaSets without the pods that are not available anyway."""
    sizes: Sizes = {}
    for one in running:
        size = number(one, "spec.replicas")
        down = min(most, size - min(size, number(one, "status.availableReplicas")))
        if down > 0:
            sizes[name_of(one)] = size - down
            most -= down
    return sizes


def is_scaled(family: Family) -> bool:
    """Whether the Deployment asks for another number than when its ReplicaSets were last sized."""
    for one in family.all:
        if number(one, "spec.replicas"):
            written = annotations_of(one).get(DESIRED, "")
            if written.isdigit() and int(written) != family.wanted:
                return True
    return False


def scaled_sizes(family: Family) -> Sizes:
    """Return the sizes after the Deployment's own number has changed, shared out by size."""
    active = [one for one in family.all if number(one, "spec.replicas")]
    if len(active) <= 1:
        one = active[0] if active else family.new or (family.old[-1] if family.old else None)
        return {} if one is None else _changed([one], {name_of(one): family.wanted})
    if family.new is not None and _is_saturated(family.new, family.wanted):
        return {name_of(one): 0 for one in family.old if number(one, "spec.replicas")}
    return _changed(active, _proportional(family, active))


def _is_saturated(new: Obj, wanted: int) -> bool:
    desired = annotations_of(new).get(DESIRED)
    sizes = (number(new, "spec.replicas"), number(new, "status.availableReplicas"))
    return desired == str(wanted) and sizes == (wanted, wanted)


def _proportional(family: Family, active: Sequence[Obj]) -> Sizes:
    allowed = family.wanted + family.surge if family.wanted else 0
    left = allowed - asked(family.all)
    largest = sorted(active, key=lambda one: -number(one, "spec.replicas"))
    sizes: Sizes = {}
    for one in largest:
        size = number(one, "spec.replicas")
        most = annotations_of(one).get(MOST, "")
        before = int(most) if most.isdigit() and int(most) else asked(family.all)
        share = round(size * allowed / before) - size if left else 0
        share = min(max(share, 0), left) if left > 0 else max(min(share, 0), left)
        sizes[name_of(one)] = size + share
        left -= share
    sizes[name_of(largest[0])] = max(0, sizes[name_of(largest[0])] + left)
    return sizes


def _changed(sets: Sequence[Obj], sizes: Sizes) -> Sizes:
    now = {name_of(one): number(one, "spec.replicas") for one in sets}
    return {name: size for name, size in sizes.items() if now[name] != size}
