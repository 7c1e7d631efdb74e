"""Hosts, who may see them, and the destinations of routes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, annotations_of, items, number, table, text, words

EVERYWHERE: Final = "*"
LOCAL: Final = "."
SERVICE_HOST: Final = re.compile(r"^(.+)\.(.+)\.svc\.cluster\.local$")
EXPORT_TO: Final = "networking.istio.io/exportTo"


def fqdn(namespace: str, host: str) -> str:
    """Return a short host in full; one with a dot or a wildcard as it is."""
    if host.startswith("*") or "." in host:
        return host
    return f"{host}.{namespace}.svc.cluster.local"


def service_of(host: str, namespace: str) -> tuple[str, str]:
    """Return the namespace and the name that a host means; a short one lies in `namespace`."""
    found = SERVICE_HOST.match(host)
    return (found[2], found[1]) if found else (namespace, host)


def scoped(scope: str, namespace: str, host: str) -> str:
    """Return a host with who may see it: `*/backend.mesh-demo.svc.cluster.local`."""
    return f"{scope}/{fqdn(namespace, host)}"


def is_exported_to_all(export_to: Sequence[str]) -> bool:
    """Whether every namespace sees it: nothing is said, or `*`."""
    return not export_to or EVERYWHERE in export_to


def host_matches(one: str, other: str) -> bool:
    """Whether two hosts, each maybe with a wildcard in front, have a name in common."""
    if one.startswith("*") and other.startswith("*"):
        short, long = sorted((one[1:], other[1:]), key=len)
        return long.endswith(short)
    if one.startswith("*"):
        return other.endswith(one[1:])
    if other.startswith("*"):
        return one.endswith(other[1:])
    return one == other


@dataclass(frozen=True)
class Host:
    """What is known of a host that somebody can route to."""

    ports: tuple[int, ...]
    selector: Mapping[str, str]


class Hosts:
    """The hosts of a mesh: of Services and ServiceEntries, by who may see them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._hosts: dict[str, Host] = {}
        for resource in snapshot.all("ServiceEntry"):
            self._add_entry(resource)
        for resource in snapshot.all("Service"):
            ports = tuple(number(port, "port") for port in items(resource.spec, "ports"))
            for scope in _service_scopes(resource):
                key = scoped(scope, resource.namespace, resource.name)
                self._hosts[key] = Host(ports, {})

    def find(self, namespace: str, export_to: Sequence[str], host: str) -> Host | None:
        """Return what a rule of a namespace reaches at a host, None where there is nothing."""
        everywhere = self._hosts.get(scoped(EVERYWHERE, namespace, host))
        if everywhere:
            return everywhere
        for scope in export_to or (namespace,):
            key = scoped(namespace if scope == LOCAL else scope, namespace, host)
            if key in self._hosts:
                return self._hosts[key]
        return self._wildcard(namespace, host)

    def _wildcard(self, namespace: str, host: str) -> Host | None:
        bare = host.removeprefix("*")
        for key, found in self._hosts.items():
            scope, _, name = key.partition("/")
            is_seen = scope in (EVERYWHERE, namespace)
            if is_seen and name.startswith("*") and bare.endswith(name[1:]):
                return found
        return None

    def _add_entry(self, resource: Resource) -> None:
        ports = tuple(number(port, "number") for port in items(resource.spec, "ports"))
        selector = table(resource.spec, "workloadSelector.labels")
        found = Host(ports, {k: v for k, v in selector.items() if isinstance(v, str)})
        export_to = words(resource.spec, "exportTo")
        scopes = [EVERYWHERE] if is_exported_to_all(export_to) else export_to
        for host in words(resource.spec, "hosts"):
            for scope in scopes:
                place = resource.namespace if scope == LOCAL else scope
                self._hosts[scoped(place, resource.namespace, host)] = found


def _service_scopes(resource: Resource) -> list[str]:
    written = annotations_of(resource.obj).get(EXPORT_TO, "")
    if not written:
        return [EVERYWHERE]
    scopes = [scope.strip() for scope in written.split(",")]
    return [resource.namespace if scope == LOCAL else scope for scope in scopes]


@dataclass(frozen=True)
class Destination:
    """Where a rule sends requests, and the path of its host in the resource."""

    host: str
    subset: str
    port: int
    path: str
    is_mirror: bool = False


def destinations(resource: Resource) -> Iterator[Destination]:
    """Yield the destinations of a VirtualService's routes, then of its mirrors."""
    for protocol in ("tcp", "tls", "http"):
        for i, rule in enumerate(items(resource.spec, protocol)):
            for j, route in enumerate(items(rule, "route")):
                path = f".spec.{protocol}[{i}].route[{j}].destination.host"
                yield _destination(table(route, "destination"), path)
    for i, rule in enumerate(items(resource.spec, "http")):
        if "mirror" in rule:
            path = f".spec.http[{i}].mirror.host"
            yield _destination(table(rule, "mirror"), path, is_mirror=True)
        for j, mirror in enumerate(items(rule, "mirrors")):
            path = f".spec.http[{i}].mirrors[{j}].host"
            yield _destination(table(mirror, "destination"), path, is_mirror=True)


def _destination(destination: Obj, path: str, *, is_mirror: bool = False) -> Destination:
    return Destination(
        text(destination, "host"),
        text(destination, "subset"),
        number(destination, "port.number"),
        path,
        is_mirror,
    )
