"""Endpoints and EndpointSlices: which pods stand behind a Service, and which of them are ready."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.sandbox.control.owners import controlled, reference_to, suffix, with_meta
from app.sandbox.control.pods import DONE, is_ready
from app.sandbox.control.work import Key
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    at,
    is_ending,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    selects,
    stamp,
    strings,
    table,
    text,
)
from app.sandbox.registry.registry import Registry
from app.sandbox.store.store import Change

MANAGER = "endpointslice-controller.k8s.io"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
HEADLESS = "service.kubernetes.io/headless"
MOST = 100  # endpoints in one slice
Ports: TypeAlias = tuple[tuple[str, int, str, str], ...]  # name, port, protocol, appProtocol


@dataclass(frozen=True)
class Behind:
    """A pod behind a Service."""

    pod: Obj
    ports: Ports
    is_published: bool  # where the Service wants pods that are not ready, too

    @property
    def is_serving(self) -> bool:
        """Whether the pod answers."""
        return self.is_published or is_ready(self.pod)

    @property
    def is_ready(self) -> bool:
        """Whether the pod is to be sent new connections."""
        return self.is_published or (is_ready(self.pod) and not is_ending(self.pod))

    @property
    def target(self) -> Obj:
        """Return the reference to the pod."""
        return {
            "kind": "Pod",
            "name": name_of(self.pod),
            "namespace": namespace_of(self.pod),
            "uid": text(self.pod, "metadata.uid"),
        }


class Endpoints:
    """The controllers of EndpointSlices and of Endpoints, in one."""

    resources = frozenset({"services", "pods", "endpointslices.discovery.k8s.io"})

    def __init__(self, registry: Registry) -> None:
        self._store = registry.store

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the Service itself, those that a pod is or was behind, or a slice's own."""
        obj = change.object
        if change.resource == "services":
            return [(namespace_of(obj), name_of(obj))]
        if change.resource == "pods":
            return {key for pod in (obj, change.before) if pod for key in self._of(pod)}
        owner = labels_of(obj).get("kubernetes.io/service-name", "")
        gone = change.type == "DELETED" and bool(owner)
        return [(namespace_of(obj), owner)] if gone else []

    def _of(self, pod: Obj) -> Iterator[Key]:
        for service in self._store.list("services", namespace_of(pod)):
            if selects(strings(service, "spec.selector"), labels_of(pod)):
                yield namespace_of(pod), name_of(service)

    def look(self, key: Key) -> float | None:
        """Write the slices of one Service anew where they have changed."""
        service = self._store.get("services", key[1], key[0])
        if service is None:
            self._drop(key)
            return None
        if not strings(service, "spec.selector") or is_ending(service):
            return None
        behind = self._behind(service)
        self._write_slices(service, behind)
        self._write_endpoints(service, behind)
        return None

    def _drop(self, key: Key) -> None:
        if self._store.get("endpoints", key[1], key[0]) is not None:
            self._store.remove("endpoints", key[1], key[0])

    def _behind(self, service: Obj) -> list[Behind]:
        selector = strings(service, "spec.selector")
        published = at(service, "spec.publishNotReadyAddresses") is True
        pods = [
            pod
            for pod in self._store.list("pods", namespace_of(service))
            if selects(selector, labels_of(pod))
            and text(pod, "status.podIP")
            and text(pod, "status.phase") not in DONE
        ]
        return [Behind(pod, ports_of(service, pod), published) for pod in pods]

    def _write_slices(self, service: Obj, behind: Sequence[Behind]) -> None:
        wanted = _contents(behind)
        found = controlled(self._store, "endpointslices.discovery.k8s.io", service)
        for old in found[len(wanted) :]:
            self._store.remove("endpointslices.discovery.k8s.io", name_of(old), namespace_of(old))
        labels = _labels(service)
        for place, content in enumerate(wanted):
            if place < len(found):
                old = found[place]
                same = all(old.get(field) == content[field] for field in content)
                if not same or table(old, "metadata.labels") != labels:
                    notes: Obj = {**annotations_of(old), TRIGGER: stamp()}
                    new = with_meta(old, annotations=notes, labels=labels)
                    self._store.update({**new, **content})
            else:
                self._store.create(_new_slice(service, content))

    def _write_endpoints(self, service: Obj, behind: Sequence[Behind]) -> None:
        subsets: list[Json] = [*_subsets(behind)]
        before = self._store.get("endpoints", name_of(service), namespace_of(service))
        labels: Obj = {
            **table(service, "metadata.labels"),
            "endpoints.kubernetes.io/managed-by": "endpoint-controller",
            **({HEADLESS: ""} if text(service, "spec.clusterIP") == "None" else {}),
        }
        filled: Obj = {"subsets": subsets} if subsets else {}
        if before is None:
            meta: Obj = {
                "name": name_of(service),
                "namespace": namespace_of(service),
                "labels": labels,
                "annotations": {TRIGGER: stamp()},
            }
            self._store.create(
                {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta, **filled}
            )
            return
        if before.get("subsets", []) != subsets or table(before, "metadata.labels") != labels:
            new = with_meta(before, labels=labels, annotations={TRIGGER: stamp()})
            new.pop("subsets", None)
            self._store.update({**new, **filled})


def ports_of(service: Obj, pod: Obj) -> Ports:
    """Return a Service's ports as they are in one pod; one that the pod does not name is left."""
    found: list[tuple[str, int, str, str]] = []
    for port in items(service, "spec.ports"):
        protocol = text(port, "protocol", "TCP")
        number_ = _target(port, pod, protocol)
        if number_:
            found.append((text(port, "name"), number_, protocol, text(port, "appProtocol")))
    return tuple(found)


def _target(port: Obj, pod: Obj, protocol: str) -> int:
    target = port.get("targetPort", port.get("port"))
    if not isinstance(target, str):
        return target if isinstance(target, int) else 0
    for container in [*_sidecars(pod), *items(pod, "spec.containers")]:
        for named in items(container, "ports"):
            if named.get("name") == target and text(named, "protocol", "TCP") == protocol:
                return number(named, "containerPort")
    return 0


def _sidecars(pod: Obj) -> list[Obj]:
    inits = items(pod, "spec.initContainers")
    return [one for one in inits if one.get("restartPolicy") == "Always"]


def _labels(service: Obj) -> Obj:
    return {
        **table(service, "metadata.labels"),
        "endpointslice.kubernetes.io/managed-by": MANAGER,
        "kubernetes.io/service-name": name_of(service),
        **({HEADLESS: ""} if text(service, "spec.clusterIP") == "None" else {}),
    }


def _new_slice(service: Obj, content: Obj) -> Obj:
    prefix = f"{name_of(service)}-"
    meta: Obj = {
        "generateName": prefix,
        "name": prefix + suffix(),
        "namespace": namespace_of(service),
        "labels": _labels(service),
        "annotations": {TRIGGER: stamp()},
        "ownerReferences": [reference_to(service)],
    }
    kind: Obj = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta}
    return {**kind, "addressType": "IPv4", **content}


def _contents(behind: Sequence[Behind]) -> list[Obj]:
    """Return the endpoints and ports of each slice: pods with other ports get another one."""
    groups: dict[Ports, list[Behind]] = {}
    for one in behind:
        groups.setdefault(one.ports, []).append(one)
    made: list[Obj] = []
    for ports, pods in groups.items():
        told: list[Json] = [_slice_port(port) for port in ports]
        for start in range(0, len(pods), MOST):
            endpoints: list[Json] = [_endpoint(one) for one in pods[start : start + MOST]]
            made.append({"endpoints": endpoints, "ports": told})
    return made or [{"endpoints": None, "ports": None}]


def _slice_port(port: tuple[str, int, str, str]) -> Obj:
    name, number_, protocol, app = port
    return {
        "name": name,
        "port": number_,
        "protocol": protocol,
        **({"appProtocol": app} if app else {}),
    }


def _endpoint(one: Behind) -> Obj:
    hostname = text(one.pod, "spec.hostname")
    return {
        "addresses": [text(one.pod, "status.podIP")],
        "conditions": {
            "ready": one.is_ready,
            "serving": one.is_serving,
            "terminating": is_ending(one.pod),
        },
        **({"hostname": hostname} if hostname else {}),
        "nodeName": text(one.pod, "spec.nodeName"),
        "targetRef": one.target,
    }


def _subsets(behind: Sequence[Behind]) -> list[Obj]:
    groups: dict[Ports, list[Behind]] = {}
    for one in behind:
        if not is_ending(one.pod):
            groups.setdefault(one.ports, []).append(one)
    made: list[Obj] = []
    for ports, pods in groups.items():
        ready: list[Json] = [_address(one) for one in pods if one.is_ready]
        others: list[Json] = [_address(one) for one in pods if not one.is_ready]
        told: list[Json] = [
            {key: value for key, value in _slice_port(port).items() if value} for port in ports
        ]
        made.append(
            {
                **({"addresses": ready} if ready else {}),
                **({"notReadyAddresses": others} if others else {}),
                **({"ports": told} if told else {}),
            }
        )
    return made


def _address(one: Behind) -> Obj:
    return {
        "ip": text(one.pod, "status.podIP"),
        "nodeName": text(one.pod, "spec.nodeName"),
        "targetRef": one.target,
    }
