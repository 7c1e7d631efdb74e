"""Rules of a Service."""

import ipaddress
from collections.abc import Iterator

from app.sandbox.objects import Obj, items, number, strings, text, words
from app.sandbox.registry.addresses import ADDRESS_RULE
from app.sandbox.registry.causes import barred, required, twice, unsupported, wrong
from app.sandbox.registry.names import label_causes, label_faults, subdomain_faults
from app.sandbox.registry.rules.pods import PORT_RULE, PROTOCOLS, target_causes
from app.sandbox.status import Cause

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")


def service_causes(obj: Obj, before: Obj | None) -> Iterator[Cause]:
    """Yield what is wrong in a Service."""
    kind, address = text(obj, "spec.type"), text(obj, "spec.clusterIP")
    ports = items(obj, "spec.ports")
    if not ports and address != "None" and kind != "ExternalName":
        yield required("spec.ports")
    yield from _port_causes(ports)
    yield from label_causes("spec.selector", strings(obj, "spec.selector"))
    if kind not in TYPES:
        yield unsupported("spec.type", kind, TYPES)
    outside = text(obj, "spec.externalName")
    if kind == "ExternalName" and not outside:
        yield required("spec.externalName")
    elif kind == "ExternalName":
        faults = subdomain_faults(outside.removesuffix("."))
        yield from (wrong("spec.externalName", outside, fault) for fault in faults)
    if kind == "ClusterIP":
        for place, port in enumerate(ports):
            if number(port, "nodePort"):
                said = "may not be used when `type` is 'ClusterIP'"
                yield barred(f"spec.ports[{place}].nodePort", said)
    for place, outer in enumerate(words(obj, "spec.externalIPs")):
        if not _is_address(outer):
            yield wrong(f"spec.externalIPs[{place}]", outer, ADDRESS_RULE)
    if kind in ("LoadBalancer", "NodePort") and address == "None":
        said = f"may not be set to 'None' for {kind} services"
        yield wrong("spec.clusterIPs[0]", "None", said)
    affinity = text(obj, "spec.sessionAffinity")
    if affinity not in ("ClientIP", "None"):
        yield unsupported("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    held = text(before, "spec.clusterIP")
    if held and address and held != address and kind != "ExternalName":
        yield wrong("spec.clusterIPs[0]", [address], "may not change once set")


def _is_address(written: str) -> bool:
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True


def _port_causes(ports: list[Obj]) -> Iterator[Cause]:
    names: set[str] = set()
    used: set[tuple[str, int]] = set()
    for place, port in enumerate(ports):
        here = f"spec.ports[{place}]"
        name = text(port, "name")
        if not name and len(ports) > 1:
            yield required(f"{here}.name")
        elif name:
            yield from (wrong(f"{here}.name", name, fault) for fault in label_faults(name))
            if name in names:
                yield twice(f"{here}.name", name)
        names.add(name)
        if not 0 < number(port, "port") < 65536:
            yield wrong(f"{here}.port", port.get("port") or 0, PORT_RULE)
        if text(port, "protocol") not in PROTOCOLS:
            yield unsupported(f"{here}.protocol", port.get("protocol"), PROTOCOLS)
        yield from target_causes(port.get("targetPort"), f"{here}.targetPort")
        key = (text(port, "protocol"), number(port, "port"))
        if key in used:
            shown: Obj = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            yield twice(here, shown)
        used.add(key)
