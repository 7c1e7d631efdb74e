"""What stands behind a Service: the part of kube-proxy, read from Services and EndpointSlices."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.objects import (
    Obj,
    at,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    text,
    words,
)
from app.sandbox.store.store import Store

SERVICE = "kubernetes.io/service-name"


@dataclass(frozen=True)
class Endpoint:
    """One address behind a Service's port. `port_name` is the name of the Service's port."""

    ip: str
    port: int
    port_name: str
    is_ready: bool
    hostname: str = ""


@dataclass(frozen=True)
class Frontend:
    """One port of a Service, as something that can be connected to."""

    service: Obj
    port_name: str


def endpoints(store: Store, service: Obj) -> list[Endpoint]:
    """Return every endpoint of a Service, of each of its ports."""
    return [
        each
        for part in store.list("endpointslices.discovery.k8s.io", namespace_of(service))
        if labels_of(part).get(SERVICE) == name_of(service)
        for each in _of_slice(part)
    ]


def _of_slice(part: Obj) -> Iterator[Endpoint]:
    for port in items(part, "ports") or [{}]:
        for each in items(part, "endpoints"):
            is_ready = at(each, "conditions.ready") is not False
            for ip in words(each, "addresses"):
                name, hostname = text(port, "name"), text(each, "hostname")
                yield Endpoint(ip, number(port, "port"), name, is_ready, hostname)


def service_at(store: Store, ip: str) -> Obj | None:
    """Return the Service that an address belongs to: its own, an external or a balancer's."""
    for service in store.list("services"):
        given = [text(each, "ip") for each in items(service, "status.loadBalancer.ingress")]
        own = (text(service, "spec.clusterIP"), *words(service, "spec.clusterIPs"))
        if ip in own or ip in given or ip in words(service, "spec.externalIPs"):
            return service
    return None


def frontend(service: Obj, port: int) -> Frontend | None:
    """Return a port of a Service; None where it has no such port."""
    for each in items(service, "spec.ports"):
        if number(each, "port") == port and text(each, "protocol", "TCP") == "TCP":
            return Frontend(service, text(each, "name"))
    return None


def node_frontend(store: Store, port: int) -> Frontend | None:
    """Return the port of a Service that a port of the node leads to."""
    for service in store.list("services"):
        for each in items(service, "spec.ports"):
            if port and number(each, "nodePort") == port:
                return Frontend(service, text(each, "name"))
    return None


def behind(store: Store, front: Frontend) -> list[Endpoint]:
    """Return the ready endpoints of one port of a Service."""
    return [
        each
        for each in endpoints(store, front.service)
        if each.is_ready and each.port_name == front.port_name and each.port
    ]


def is_sticky(front: Frontend) -> bool:
    """Whether the Service keeps a client at one endpoint."""
    return text(front.service, "spec.sessionAffinity") == "ClientIP"
