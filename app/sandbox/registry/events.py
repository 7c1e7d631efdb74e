"""Events: what happened to an object, counted where it happens again."""

import time
from datetime import UTC, datetime

from app.sandbox.objects import Json, Obj, name_of, namespace_of, number, stamp, text
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Change

SCHEDULER = "default-scheduler"
NODE = "minikube"
ON_NODE = "kubelet"


class Events:
    """Records what controllers and the kubelet tell about objects."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, ...], str] = {}
        registry.store.listen(self._follow)

    def record(
        self, obj: Obj, type_: str, reason: str, message: str, source: str, *, field: str = ""
    ) -> None:
        """Write an Event (`type_` Normal or Warning) about an object, or count it once more.

        `field` is the part of the object that is meant (`spec.containers{web}`), written as
        involvedObject.fieldPath. What `default-scheduler` tells has eventTime, action and
        reportingComponent in place of source and count.
        """
        store = self._registry.store
        namespace = namespace_of(obj) or "default"
        ending = store.get("namespaces", namespace)
        if ending is None or text(ending, "status.phase") == "Terminating":
            return  # as in Kubernetes, where no new content comes into such a namespace
        key = (text(obj, "metadata.uid"), type_, reason, message, source, field)
        known = self._known.get(key)
        before = store.get("events", known, namespace) if known else None
        if before is not None:
            count = number(before, "count", 1) + 1
            store.update({**before, "count": count, "lastTimestamp": stamp()})
            return
        name = f"{name_of(obj)}.{time.time_ns():x}"
        self._known[key] = name
        store.create(_event(obj, (type_, reason, message, source, field), name, namespace))

    def _follow(self, change: Change) -> None:
        """Forget what is known of an object that has gone."""
        if change.type == "DELETED" and change.resource != "events":
            uid = text(change.object, "metadata.uid")
            for key in [key for key in self._known if key[0] == uid]:
                del self._known[key]


def _event(obj: Obj, told: tuple[str, str, str, str, str], name: str, namespace: str) -> Obj:
    type_, reason, message, source, field = told
    about: Obj = {
        "kind": text(obj, "kind"),
        **({"namespace": namespace_of(obj)} if namespace_of(obj) else {}),
        "name": name_of(obj),
        "uid": text(obj, "metadata.uid"),
        "apiVersion": text(obj, "apiVersion"),
        "resourceVersion": text(obj, "metadata.resourceVersion"),
        **({"fieldPath": field} if field else {}),
    }
    event: Obj = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "type": type_,
        "reportingComponent": source,
    }
    return {**event, **_when(source, namespace)}


def _when(source: str, namespace: str) -> Obj:
    now: Json = stamp()
    if source == SCHEDULER:
        exact = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            "eventTime": exact,
            "firstTimestamp": None,
            "lastTimestamp": None,
            "source": {},
            "action": "Binding",
            "reportingInstance": f"{SCHEDULER}-{NODE}",
        }
    where: Obj = {"component": source, **({"host": NODE} if source == ON_NODE else {})}
    return {
        "eventTime": None,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "source": where,
        "reportingInstance": NODE if source == ON_NODE else "",
    }
