"""Addresses and ports of Services: given where none is asked for, refused where one is taken."""

import ipaddress
import secrets
from collections.abc import Iterator

from app.sandbox.objects import Obj, items, name_of, namespace_of, number, text
from app.sandbox.registry.causes import wrong
from app.sandbox.registry.defaults.filling import inner
from app.sandbox.status import Cause
from app.sandbox.store.store import Store

RANGE = ipaddress.ip_network("10.96.0.0/16")
ADDRESS_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
FIRST_GIVEN = 256  # the low addresses are asked for by name: 10.96.0.1, 10.96.0.10
PORTS = range(30000, 32768)
WITH_PORTS = ("NodePort", "LoadBalancer")


def allocate(
    store: Store, service: Obj, before: Obj | None, *, dry_run: bool = False
) -> list[Cause]:
    """Give a copy of a Service what it lacks; return what it asks for and cannot have.

    A dry run does not look at ports, and tells of addresses in other words, as in Kubernetes.
    """
    spec = inner(service, "spec")
    if spec.get("type") == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(field, None)
        return []
    others = [
        one
        for one in store.list("services")
        if (namespace_of(one), name_of(one)) != (namespace_of(service), name_of(service))
    ]
    if before is not None:
        for field in ("clusterIP", "clusterIPs"):
            if not spec.get(field) and text(before, "spec.type") != "ExternalName":
                spec[field] = inner(before, "spec").get(field)
    found = _address(spec, others, is_new=before is None, dry_run=dry_run)
    if spec.get("type") in WITH_PORTS:
        return found + _ports(spec, others, before, dry_run)
    if before is not None and text(before, "spec.type") in WITH_PORTS:
        for port in items(spec, "ports"):
            port.pop("nodePort", None)
        spec.pop("externalTrafficPolicy", None)
        spec.pop("allocateLoadBalancerNodePorts", None)
    return found


def _address(spec: Obj, others: list[Obj], *, is_new: bool, dry_run: bool) -> list[Cause]:
    asked = text(spec, "clusterIP")
    used = {text(one, "spec.clusterIP") for one in others}
    if not asked:
        asked = next(address for address in _addresses() if address not in used)
    elif is_new and asked != "None" and (fault := _address_fault(asked, used, dry_run)):
        if fault == ADDRESS_RULE:
            return [wrong("spec.clusterIPs[0]", asked, fault)]
        said = f"failed to allocate IP {asked}: {fault}"
        return [wrong("spec.clusterIPs", [asked], said)]
    spec["clusterIP"] = asked
    spec["clusterIPs"] = [asked]
    return []


def _address_fault(asked: str, used: set[str], dry_run: bool) -> str:
    try:
        address = ipaddress.ip_address(asked)
    except ValueError:
        return ADDRESS_RULE
    if address not in RANGE and not dry_run:
        return "the provided network does not match the current range"
    if address not in RANGE:
        known = f"The range of valid IPs is {RANGE}"
        return f"the provided IP ({asked}) is not in the valid range. {known}"
    return "provided IP is already allocated" if asked in used else ""


def _addresses() -> Iterator[str]:
    while True:
        place = FIRST_GIVEN + secrets.randbelow(RANGE.num_addresses - FIRST_GIVEN - 1)
        yield str(RANGE[place])


def _ports(spec: Obj, others: list[Obj], before: Obj | None, dry_run: bool) -> list[Cause]:
    used = {number(port, "nodePort") for one in others for port in items(one, "spec.ports")}
    kept = {
        (number(port, "port"), text(port, "protocol")): number(port, "nodePort")
        for port in items(before, "spec.ports")
    }
    found = []
    ports = items(spec, "ports")
    used_here: set[int] = {number(port, "nodePort") for port in ports}
    for place, port in enumerate(ports):
        asked = number(port, "nodePort")
        if asked:
            field = f"spec.ports[{place}].nodePort"
            if dry_run:
                continue
            if asked not in PORTS:
                said = "provided port is not in the valid range. The range of valid ports is "
                found.append(wrong(field, asked, f"{said}{PORTS.start}-{PORTS.stop - 1}"))
            elif asked in used:
                found.append(wrong(field, asked, "provided port is already allocated"))
            continue
        held = kept.get((number(port, "port"), text(port, "protocol")), 0)
        given = held or next(one for one in _free_ports() if one not in used | used_here)
        used_here.add(given)
        port["nodePort"] = given
    return found


def _free_ports() -> Iterator[int]:
    while True:
        yield PORTS.start + secrets.randbelow(len(PORTS))
