"""The rows of what traffic meets: Services, Endpoints, EndpointSlices, Ingresses."""

from datetime import datetime

from app.sandbox.api.tables.ages import age
from app.sandbox.api.tables.columns import (
    NONE,
    Cells,
    Layout,
    columns,
    first_three,
    pairs,
    plain,
    selector,
)
from app.sandbox.objects import Obj, items, name_of, number, strings, text, words


def service_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Service."""
    addresses = words(obj, "spec.clusterIPs") or [text(obj, "spec.clusterIP")]
    return [
        name_of(obj),
        text(obj, "spec.type"),
        addresses[0] or NONE,
        _external(obj),
        ",".join(_port(port) for port in items(obj, "spec.ports")) or NONE,
        age(obj, now),
        pairs(strings(obj, "spec.selector")),
    ]


def _port(port: Obj) -> str:
    node_port = number(port, "nodePort")
    outer = f":{node_port}" if node_port else ""
    return f"{number(port, 'port')}{outer}/{text(port, 'protocol', 'TCP')}"


def _external(service: Obj) -> str:
    own = words(service, "spec.externalIPs")
    match text(service, "spec.type"):
        case "ClusterIP" | "NodePort":
            return ",".join(own) or NONE
        case "LoadBalancer":
            return ",".join([*_balancers(service), *own]) or "<pending>"
        case "ExternalName":
            return text(service, "spec.externalName")
    return "<unknown>"


def _balancers(obj: Obj) -> list[str]:
    found = items(obj, "status.loadBalancer.ingress")
    return sorted({text(one, "ip") or text(one, "hostname") for one in found} - {""})


def endpoints_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of an Endpoints object."""
    found: list[str] = []
    for subset in items(obj, "subsets"):
        addresses = [text(one, "ip") for one in items(subset, "addresses")]
        ports = [number(port, "port") for port in items(subset, "ports")]
        found += [f"{address}:{port}" for port in ports for address in addresses]
        found += addresses if not ports else []
    has_any = bool(items(obj, "subsets"))
    return [name_of(obj), first_three(found, "" if has_any else NONE), age(obj, now)]


def slice_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of an EndpointSlice."""
    ports = [plain(port, "port") or text(port, "name") or "*" for port in items(obj, "ports")]
    addresses = [ip for one in items(obj, "endpoints") for ip in words(one, "addresses")]
    return [
        name_of(obj),
        text(obj, "addressType"),
        first_three(ports),
        first_three(addresses),
        age(obj, now),
    ]


def ingress_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of an Ingress."""
    rules = items(obj, "spec.rules")
    hosts = [text(rule, "host") for rule in rules[:3] if text(rule, "host")]
    more = f" + {len(rules) - 3} more..." if hosts and len(rules) > 3 else ""
    return [
        name_of(obj),
        text(obj, "spec.ingressClassName") or NONE,
        (",".join(hosts) or "*") + more,
        ",".join(_balancers(obj)),
        "80, 443" if items(obj, "spec.tls") else "80",
        age(obj, now),
    ]


def ingress_class_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of an IngressClass."""
    kind, group = text(obj, "spec.parameters.kind"), text(obj, "spec.parameters.apiGroup")
    told = f"{kind}{'.' if group else ''}{group}/{text(obj, 'spec.parameters.name')}"
    return [name_of(obj), text(obj, "spec.controller"), told if kind else NONE, age(obj, now)]


def policy_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a NetworkPolicy."""
    return [name_of(obj), selector(obj, "spec.podSelector"), age(obj, now)]


NETWORKING = {
    "services": Layout(
        columns("Name|Type|Cluster-IP|External-IP|Port(s)|Age", "Selector"), service_cells
    ),
    "endpoints": Layout(columns("Name|Endpoints|Age"), endpoints_cells),
    "endpointslices.discovery.k8s.io": Layout(
        columns("Name|AddressType|Ports|Endpoints|Age"), slice_cells
    ),
    "ingresses.networking.k8s.io": Layout(
        columns("Name|Class|Hosts|Address|Ports|Age"), ingress_cells
    ),
    "ingressclasses.networking.k8s.io": Layout(
        columns("Name|Controller|Parameters|Age"), ingress_class_cells
    ),
    "networkpolicies.networking.k8s.io": Layout(columns("Name|Pod-Selector|Age"), policy_cells),
}
