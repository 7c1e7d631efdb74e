"""ServiceEntries: hosts that are no Services, with addresses of this sandbox behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address

from app.sandbox.istiod.hosts import full
from app.sandbox.istiod.services import Endpoint, Port, Service, endpoint_of
from app.sandbox.objects import (
    Obj,
    items,
    name_of,
    namespace_of,
    number,
    selects,
    strings,
    table,
    text,
    words,
)


def entries(
    found: Iterable[Obj], pods: Sequence[Obj], known: Mapping[str, Service]
) -> Iterator[Service]:
    """Yield a Service for each host of each ServiceEntry that no Service has. `known` by host."""
    for entry in found:
        spec = table(entry, "spec")
        ports = tuple(
            Port(
                number(port, "number"),
                text(port, "name"),
                text(port, "protocol", "TCP").lower(),
                number(port, "targetPort") or number(port, "number"),
            )
            for port in items(spec, "ports")
        )
        for host in words(spec, "hosts"):
            if host in known or "*" in host:
                continue
            behind = {port.name: tuple(_behind(entry, port, pods, known, host)) for port in ports}
            yield Service(
                name_of(entry),
                namespace_of(entry),
                host,
                next((each for each in words(spec, "addresses") if _is_address(each)), ""),
                ports,
                {},
                text(entry, "metadata.creationTimestamp"),
                endpoints=behind,
                is_entry=True,
                is_external=text(spec, "location") != "MESH_INTERNAL",
            )


def _behind(
    entry: Obj, port: Port, pods: Sequence[Obj], known: Mapping[str, Service], host: str
) -> Iterator[Endpoint]:
    """Yield what a port leads to: chosen pods, listed addresses, or what a name leads to."""
    namespace, spec = namespace_of(entry), table(entry, "spec")
    target = port.target if isinstance(port.target, int) else port.number
    selector = strings(spec, "workloadSelector.labels")
    for pod in pods:
        ip = text(pod, "status.podIP")
        if namespace_of(pod) == namespace and ip and selects(selector, _labels(pod)):
            yield endpoint_of(pod, ip, target)
    listed = items(spec, "endpoints")
    if not listed and not selector and text(spec, "resolution").startswith("DNS"):
        listed = [{"address": host}]
    for each in listed:
        address = text(each, "address")
        there = number(table(each, "ports"), port.name) or target
        if _is_address(address):
            yield endpoint_of({"metadata": {"labels": each.get("labels")}}, address, there)
            continue
        service = known.get(full(address, namespace))
        named = service.at(there) if service else None
        if service is not None and named is not None:
            yield from service.endpoints.get(named.name, ())


def _labels(pod: Obj) -> Mapping[str, str]:
    return strings(pod, "metadata.labels")


def _is_address(word: str) -> bool:
    try:
        IPv4Address(word)
    except AddressValueError:
        return False
    return True
