"""Where connections go that are not read as requests: a VirtualService's tcp and tls routes.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from app.sandbox.istiod.envoy.clusters import name_of as cluster_name
from app.sandbox.istiod.envoy.routes import Caller, cluster_of
from app.sandbox.istiod.envoy.servers import qualified
from app.sandbox.istiod.envoy.shapes import extension, istio, seconds, tcp_proxy
from app.sandbox.istiod.hosts import covers, full
from app.sandbox.istiod.mesh import Mesh, is_exported
from app.sandbox.istiod.rules import NETWORKING
from app.sandbox.istiod.services import Port, Service
from app.sandbox.objects import (
    Json,
    Obj,
    items,
    name_of,
    namespace_of,
    number,
    strings,
    table,
    text,
    words,
)

HANDSHAKE: Obj = {"transport_socket_connect_timeout": "15s"}
LIMITS = {
    "idleTimeout": "idle_timeout",
    "maxConnectionDuration": "max_downstream_connection_duration",
}
OF_TLS = ("https", "tls")


def chains(mesh: Mesh, service: Service, port: Port, caller: Caller, log: list[Json]) -> list[Obj]:
    """Return the filter chains of a Service's port, the one without a match last.

    Without a route of a VirtualService there is one, to the Service itself.
    """
    sources = [each for each in _of_mesh(mesh, caller) if _is_about(each, service.host)]
    if port.protocol in OF_TLS:
        found = list(_by_server_name(mesh, sources, port.number, caller, log))
    else:
        found = list(_by_address(mesh, sources, port.number, caller, log))
    is_whole = bool(found) and (port.protocol in OF_TLS or "filter_chain_match" not in found[-1])
    if not is_whole:
        cluster = cluster_name(port.number, "", service.host)
        settings = _settings(mesh, service.host, caller.namespace, port.number)
        found.append({"filters": [tcp_proxy(cluster, log, **settings)], **HANDSHAKE})
    return found


def gateway_filter(
    mesh: Mesh, sources: Sequence[Obj], port: int, gateway: str, caller: Caller, log: list[Json]
) -> Obj:
    """Return the filter of a gateway's server that reads no requests; empty without a route."""
    for source in sources:
        for rule in items(source, "spec.tcp"):
            matches = items(rule, "match")
            if items(rule, "route") and (
                not matches or any(_is_at(match, port, gateway, source) for match in matches)
            ):
                return _filter(mesh, source, rule, port, caller, log)
    return {}


def gateway_chains(
    mesh: Mesh, sources: Sequence[Obj], port: int, gateway: str, caller: Caller, log: list[Json]
) -> Iterator[Obj]:
    """Yield the chains of a gateway's server that passes TLS on, one for each match of names."""
    taken: set[str] = set()
    for source in sources:
        for rule in items(source, "spec.tls"):
            for match in items(rule, "match"):
                names = words(match, "sniHosts")
                if not items(rule, "route") or not _is_at(match, port, gateway, source):
                    continue
                if taken & set(names):
                    continue
                taken |= set(names)
                filter_ = _filter(mesh, source, rule, port, caller, log)
                yield {**_named(names), "filters": [filter_], **HANDSHAKE}


def _of_mesh(mesh: Mesh, caller: Caller) -> Iterator[Obj]:
    for each in mesh.virtual_services:
        gateways = words(each, "spec.gateways") or ["mesh"]
        if "mesh" in gateways and is_exported(each, caller.namespace):
            yield each


def _is_about(source: Obj, host: str) -> bool:
    own = namespace_of(source)
    return any(covers(full(each, own), host) for each in words(source, "spec.hosts"))


def _by_server_name(
    mesh: Mesh, sources: Sequence[Obj], port: int, caller: Caller, log: list[Json]
) -> Iterator[Obj]:
    seen = set()
    for source in sources:
        for rule in items(source, "spec.tls"):
            for match in items(rule, "match"):
                names, subnets = words(match, "sniHosts"), words(match, "destinationSubnets")
                key = (*names, "|", *subnets)
                if not items(rule, "route") or key in seen or not _is_for(match, port, caller):
                    continue
                seen.add(key)
                filter_ = _filter(mesh, source, rule, port, caller, log)
                wanted = {**table(_named(names), "filter_chain_match"), **_ranges(subnets)}
                match_: Obj = {"filter_chain_match": wanted} if wanted else {}
                yield {**match_, "filters": [filter_], **_origin(source), **HANDSHAKE}


def _by_address(
    mesh: Mesh, sources: Sequence[Obj], port: int, caller: Caller, log: list[Json]
) -> Iterator[Obj]:
    for source in sources:
        for rule in items(source, "spec.tcp"):
            matches = [each for each in items(rule, "match") if _is_for(each, port, caller)]
            if not items(rule, "route") or (items(rule, "match") and not matches):
                continue
            chain: Obj = {"filters": [_filter(mesh, source, rule, port, caller, log)], **HANDSHAKE}
            subnets = [one for each in matches for one in words(each, "destinationSubnets")]
            if not subnets or any(not words(each, "destinationSubnets") for each in matches):
                yield {**chain, **_origin(source)}
                return
            yield {"filter_chain_match": _ranges(subnets), **chain}


def _is_for(match: Obj, port: int, caller: Caller) -> bool:
    labels = strings(match, "sourceLabels")
    return (
        ("mesh" in (words(match, "gateways") or ["mesh"]))
        and number(match, "port") in (0, port)
        and all(caller.labels.get(key) == value for key, value in labels.items())
        and text(match, "sourceNamespace") in ("", caller.namespace)
    )


def _is_at(match: Obj, port: int, gateway: str, source: Obj) -> bool:
    """Whether a match is for a gateway's port. Addresses and labels of callers match nothing."""
    named = {qualified(name, namespace_of(source)) for name in words(match, "gateways")}
    is_asking = any(match.get(key) for key in ("destinationSubnets", "sourceLabels"))
    return not is_asking and number(match, "port") in (0, port) and (not named or gateway in named)


def _filter(mesh: Mesh, source: Obj, rule: Obj, port: int, caller: Caller, log: list[Json]) -> Obj:
    """Return the filter that hands a connection to a rule's destinations."""
    routes, own = items(rule, "route"), namespace_of(source)

    def cluster(route: Obj) -> str:
        return cluster_of(mesh, table(route, "destination"), own, port)

    first = full(text(routes[0], "destination.host"), own)
    settings = _settings(mesh, first, caller.namespace, port)
    if len(routes) == 1:
        return tcp_proxy(cluster(routes[0]), log, **settings)
    weighted: list[Json] = [
        {"name": cluster(each), "weight": number(each, "weight")}
        for each in routes
        if number(each, "weight")
    ]
    return extension(
        "envoy.filters.network.tcp_proxy",
        "filters.network.tcp_proxy.v3.TcpProxy",
        stat_prefix=f"{name_of(source)}.{own}",
        weighted_clusters={"clusters": weighted},
        **({"access_log": log} if log else {}),
        **settings,
    )


def _settings(mesh: Mesh, host: str, namespace: str, port: int) -> Obj:
    """Return what a DestinationRule says of connections."""
    policy = mesh.rule(host, namespace).policy(port)
    found: Obj = {}
    for word, field in LIMITS.items():
        if said := text(policy, f"connectionPool.tcp.{word}"):
            found[field] = seconds(said)
    if table(policy, "loadBalancer.consistentHash").get("useSourceIp") is True:
        found["hash_policy"] = [{"source_ip": {}}]
    return found


def _named(names: Sequence[str]) -> Obj:
    return {"filter_chain_match": {"server_names": [*names]}} if names else {}


def _ranges(subnets: Sequence[str]) -> Obj:
    networks = [ip_network(each, strict=False) for each in subnets]
    ranges: list[Json] = [
        {"address_prefix": str(each.network_address), "prefix_len": each.prefixlen}
        for each in networks
    ]
    return {"prefix_ranges": ranges} if ranges else {}


def _origin(source: Obj) -> Obj:
    own = f"/apis/{NETWORKING}/v1/namespaces/{namespace_of(source)}/virtual-service"
    return {"metadata": istio(config=f"{own}/{name_of(source)}")}
