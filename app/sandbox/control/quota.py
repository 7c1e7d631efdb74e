"""ResourceQuotas: what a namespace holds of what it may, and the refusal of more.

Not emulated: scopes. Such a quota counts everything.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from app.sandbox.control.owners import set_status
from app.sandbox.control.pods import DONE
from app.sandbox.control.work import Key
from app.sandbox.objects import Obj, items, name_of, namespace_of, strings, table, text
from app.sandbox.quantities import quantity
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.status import forbidden
from app.sandbox.store.store import Change

Amounts: TypeAlias = dict[str, Decimal]
COUNTED = frozenset({"pods", "services", "secrets", "configmaps", "resourcequotas"})
COMPUTED = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}
KI = Decimal(1024)


class Quotas:
    """The controller of ResourceQuotas' status, and the admission that obeys them."""

    resources = frozenset({"*"})

    def __init__(self, registry: Registry) -> None:
        self._store = registry.store

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the quotas of the namespace in which something has changed."""
        namespace = namespace_of(change.object)
        if not namespace or change.resource == "events":
            return []
        return [(namespace, name_of(one)) for one in self._quotas(namespace)]

    def look(self, key: Key) -> float | None:
        """Write how much of a quota is used."""
        found = self._store.get("resourcequotas", key[1], key[0])
        if found is not None:
            hard = strings_of(found)
            used = self._used(key[0], hard)
            told: Obj = {name: written(name, used[name]) for name in hard}
            set_status(self._store, found, {"hard": {**hard}, "used": told})
        return None

    def mutate(self, obj: Obj, before: Obj | None, ask: Ask) -> Obj:
        """Return the object as it is."""
        return obj

    def validate(self, obj: Obj | None, before: Obj | None, ask: Ask) -> None:
        """Raise the StatusError 403 of a new object for which there is no room."""
        if obj is None or before is not None or not namespace_of(obj):
            return
        kind = self._store.kinds.of(obj)
        for one in self._quotas(namespace_of(obj)):
            if kind is not None:
                self._check(one, kind.resource, obj)

    def _check(self, one: Obj, resource: str, obj: Obj) -> None:
        hard = strings_of(one)
        asked = {name: amount for name, amount in amounts(resource, obj).items() if name in hard}
        lacking = missing(obj, hard) if resource == "pods" else ""
        name = text(obj, "metadata.generateName") or name_of(obj)
        if lacking:
            raise forbidden(resource, name, f"failed quota: {name_of(one)}: must specify {lacking}")
        used = self._used(namespace_of(obj), hard) if asked else {}
        over = [key for key in sorted(asked) if used[key] + asked[key] > quantity(hard[key])]
        if over:
            told = (
                f"exceeded quota: {name_of(one)}, requested: {_told(over, asked)}, "
                f"used: {_told(over, used)}, limited: "
                + ",".join(f"{key}={hard[key]}" for key in over)
            )
            raise forbidden(resource, name, told)

    def _quotas(self, namespace: str) -> list[Obj]:
        return self._store.list("resourcequotas", namespace)

    def _used(self, namespace: str, hard: Iterable[str]) -> Amounts:
        used = dict.fromkeys(hard, Decimal(0))
        for kind in self._store.kinds:
            if not kind.namespaced:
                continue
            for obj in self._store.list(kind.resource, namespace):
                for name, amount in amounts(kind.resource, obj).items():
                    if name in used:
                        used[name] += amount
        return used


def strings_of(quota: Obj) -> dict[str, str]:
    """Return spec.hard, its numbers as text."""
    return {name: str(value) for name, value in table(quota, "spec.hard").items()}


def amounts(resource: str, obj: Obj) -> Amounts:
    """Return what one object counts for in a quota."""
    if resource == "pods" and text(obj, "status.phase") in DONE:
        return {f"count/{resource}": Decimal(1)}
    found = {f"count/{resource}": Decimal(1)}
    if resource in COUNTED:
        found[resource] = Decimal(1)
    if resource == "services":
        type_ = text(obj, "spec.type")
        ports = len(items(obj, "spec.ports")) if type_ in ("NodePort", "LoadBalancer") else 0
        found["services.nodeports"] = Decimal(ports)
        found["services.loadbalancers"] = Decimal(type_ == "LoadBalancer")
    if resource == "pods":
        for name, (which, what) in COMPUTED.items():
            found[name] = sum(
                (quantity(_resource(one, which).get(what, "0")) for one in _running(obj)),
                Decimal(0),
            )
    return found


def missing(pod: Obj, hard: Iterable[str]) -> str:
    """Return which containers lack what a quota wants told: `limits.cpu for: web`."""
    found = []
    for name in sorted(hard):
        which, what = COMPUTED.get(name, ("", ""))
        lacking = [one for one in _running(pod) if which and what not in _resource(one, which)]
        if lacking:
            names = ",".join(sorted(text(one, "name") for one in lacking))
            found.append(f"{name} for: {names}")
    return "; ".join(found)


def written(name: str, amount: Decimal) -> str:
    """Return an amount as Kubernetes writes it: `250m` of CPU, `64Mi` of memory, or a number."""
    if name.endswith("cpu") and amount % 1:
        return f"{int(amount * 1000)}m"
    if name.endswith("memory") and amount:
        for unit, power in (("Gi", 3), ("Mi", 2), ("Ki", 1)):
            if amount % KI**power == 0:
                return f"{int(amount / KI**power)}{unit}"
    return str(int(amount))


def _told(names: Iterable[str], amounts_: Amounts) -> str:
    return ",".join(f"{name}={written(name, amounts_[name])}" for name in names)


def _running(pod: Obj) -> list[Obj]:
    inits = items(pod, "spec.initContainers")
    sidecars = [one for one in inits if text(one, "restartPolicy") == "Always"]
    return [*items(pod, "spec.containers"), *sidecars]


def _resource(container: Obj, which: str) -> dict[str, str]:
    return strings(container, f"resources.{which}")
