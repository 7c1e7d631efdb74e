"""Which PeerAuthentications apply to a pod, and through which gateway its Services are exposed."""

from collections.abc import Iterator, Sequence

from app.sandbox.istioctl.analyze.labels import matches
from app.sandbox.istioctl.describe.naming import (
    RULE,
    Scene,
    destination_rule_of,
    subsets,
    target_port,
    virtual_service_of,
)
from app.sandbox.istioctl.describe.pods import protocol_of
from app.sandbox.istioctl.describe.rules import virtual_service_lines
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import (
    Obj,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    strings,
    table,
    text,
    words,
)

PEERS = "peerauthentications.security.istio.io"
RULES = "virtualservices.networking.istio.io"
DESTINATIONS = "destinationrules.networking.istio.io"
GATEWAYS = "gateways.networking.istio.io"
SHOWN = ("http2", "http")


def peer_lines(scene: Scene, namespace: str, labels: dict[str, str], root: str) -> Iterator[str]:
    """Yield the mode of mutual TLS that a workload has, and the policies that make it so."""
    found = [*scene.store.list(PEERS, root), *scene.store.list(PEERS, namespace)]
    applied = [p for p in found if matches(strings(p, "spec.selector.matchLabels"), labels)]
    mode, ports = effective(applied, root)
    yield "Effective PeerAuthentication:"
    yield f"   Workload mTLS mode: {mode}"
    if ports:
        yield "   Port Level mTLS mode:"
        yield from (f"      {port}: {ports[port]}" for port in sorted(ports, key=int))
    if applied:
        yield "Applied PeerAuthentication:"
        yield f"   {', '.join(f'{name_of(p)}.{namespace_of(p)}' for p in applied)}"


def effective(policies: Sequence[Obj], root: str) -> tuple[str, dict[str, str]]:
    """Return the mode of a workload and of its ports: workload before namespace before mesh.

    Of several of one level the oldest counts. UNSET means that of the level above.
    """
    oldest = sorted(policies, key=lambda p: text(p, "metadata.creationTimestamp"))
    levels: list[Obj | None] = [None, None, None]
    for policy in oldest:
        has_selector = bool(strings(policy, "spec.selector.matchLabels"))
        level = 2 if has_selector else int(namespace_of(policy) != root)
        levels[level] = levels[level] or policy
    mode = "PERMISSIVE"
    for chosen in levels:
        said = text(chosen, "spec.mtls.mode", "UNSET")
        mode = mode if said == "UNSET" else said
    ports = {
        port: text(setting, "mode", "UNSET")
        for port, setting in table(levels[2], "spec.portLevelMtls").items()
    }
    return mode, {port: mode if said == "UNSET" else said for port, said in ports.items()}


def running_ingress(scene: Scene) -> list[Obj]:
    """Return the pods of ingress gateways that run."""
    return [
        pod
        for pod in scene.store.list("pods")
        if labels_of(pod).get("istio") == "ingressgateway"
        and text(pod, "status.phase") == "Running"
    ]


def ingress_lines(
    scene: Scene,
    dump: Dump,
    gateways: Sequence[Obj],
    services: Sequence[Obj],
    pods: Sequence[dict[str, str]],
) -> Iterator[str]:
    """Yield the gateways that expose Services, from the dump of one ingress gateway's proxy."""
    told = set[tuple[str, str]]()
    for service in services:
        for port in items(service, "spec.ports"):
            number_ = number(port, "port")
            named = destination_rule_of(dump, service, number_)
            rule = scene.store.get(DESTINATIONS, named[1], named[0]) if named else None
            wanted = virtual_service_of(dump, service, number_)
            routing = scene.store.get(RULES, wanted[1], wanted[0]) if wanted else None
            for written in words(routing, "spec.gateways"):
                place, _, name = written.rpartition("/")
                key = (place or namespace_of(routing), name)
                if written in ("", "mesh") or key in told:
                    continue
                told.add(key)
                gateway = scene.store.get(GATEWAYS, name, key[0])
                if gateway is None:
                    yield (
                        "WARNING: Proxy is stale; it references to non-existent gateway "
                        f"{key[0]}/{name}"
                    )
                    continue
                exposed = _exposed(scene, gateways, gateway)
                if exposed and routing is not None:
                    yield RULE
                    yield from exposed
                    found = subsets(rule, pods)
                    yield from virtual_service_lines(scene, routing, service, found, rule)


def _exposed(scene: Scene, pods: Sequence[Obj], gateway: Obj) -> list[str]:
    """Return at which addresses the Services of a gateway's pods are reached."""
    selector = strings(gateway, "spec.selector")
    found = []
    for namespace in sorted({namespace_of(pod) for pod in pods}):
        for service in scene.store.list("services", namespace):
            own = strings(service, "spec.selector")
            chosen = [
                pod
                for pod in pods
                if namespace_of(pod) == namespace and matches(own, labels_of(pod))
            ]
            if any(matches(selector, labels_of(pod)) for pod in chosen):
                address = _address(service, chosen[0])
                found += [(address, line) for line in _addresses(service, chosen[0], address)]
    return [line for _, line in sorted(found, key=lambda each: each[0])]


def _address(service: Obj, pod: Obj) -> str:
    given = items(service, "status.loadBalancer.ingress")
    if given:
        return text(given[0], "ip")
    return text(pod, "status.hostIP") or "unknown"


def _addresses(service: Obj, pod: Obj, address: str) -> Iterator[str]:
    for port in items(service, "spec.ports"):
        is_shown = text(port, "protocol") == "TCP" and text(port, "name") in SHOWN
        if is_shown and target_port(pod, port) is not None:
            scheme = {"HTTP2": "http", "HTTP": "http"}.get(protocol_of(port), "")
            own = number(port, "port")
            suffix = "" if scheme == "http" and own == 80 else f":{own}"
            yield f"Exposed on Ingress Gateway {scheme}://{address}{suffix}"
