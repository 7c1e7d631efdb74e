"""A sidecar's listeners for what its program sends, and the routes behind them."""

from collections.abc import Iterator
from pathlib import Path

from app.sandbox.istiod.envoy import connections, layer4, routes
from app.sandbox.istiod.envoy.hashing import hashed
from app.sandbox.istiod.envoy.layer4 import HANDSHAKE
from app.sandbox.istiod.envoy.logs import access_logs, printed
from app.sandbox.istiod.envoy.shapes import CONFIG, at, extension, pipe, tcp_proxy
from app.sandbox.istiod.hosts import covers, domains, narrowest
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import AUTO, HTTP, Port, Service
from app.sandbox.objects import Json, Obj, table, words

PASSTHROUGH, BLACKHOLE = "PassthroughCluster", "BlackHoleCluster"
STATUS = 15021  # every sidecar's own port: no listener for all addresses
IS_HTTP: Obj = {"transport_protocol": "raw_buffer", "application_protocols": ["http/1.1", "h2c"]}
HTTP_INSPECTOR = extension(
    "envoy.filters.listener.http_inspector", "filters.listener.http_inspector.v3.HttpInspector"
)
TLS_INSPECTOR = extension(
    "envoy.filters.listener.tls_inspector",
    "filters.listener.tls_inspector.v3.TlsInspector",
    initial_read_buffer_size=512,
)
PROXY_PROTOCOL = extension(
    "envoy.filters.listener.proxy_protocol", "filters.listener.proxy_protocol.v3.ProxyProtocol"
)
ADMITTED = extension(  # the same where some come without: other proxies, unless a policy asks
    "envoy.filters.listener.proxy_protocol",
    "filters.listener.proxy_protocol.v3.ProxyProtocol",
    allow_requests_without_proxy_protocol=True,
)
_TYPE = f"{CONFIG}.listener.v3.Listener"


def pairs(mesh: Mesh) -> Iterator[tuple[Service, Port]]:
    """Yield the TCP ports of all Services, by host."""
    for service in sorted(mesh.services, key=lambda each: each.host):
        if not service.external_name:
            yield from ((service, port) for port in service.ports if port.protocol != "udp")


def listeners(mesh: Mesh, caller: routes.Caller, folder: Path, socket: Path) -> Iterator[Obj]:
    """Yield all outbound listeners of a sidecar; only `virtualOutbound` is bound, to `socket`."""
    log = access_logs(folder, "outbound", is_printed=mesh.has_access_log)
    shared: set[int] = set()
    for service, port in pairs(mesh):
        if port.protocol in HTTP and port.number != STATUS:
            if port.number not in shared:
                shared.add(port.number)
                yield _http(mesh, "0.0.0.0", port.number, str(port.number), None, log)
        elif service.is_headless:
            continue  # its pods are asked by their own addresses: they pass through
        elif port.is_http:
            name = f"{service.host}:{port.number}"
            rest = layer4.chains(mesh, service, port, caller, log)
            yield _http(mesh, service.ip, port.number, name, rest[-1], log)
        else:
            chains = layer4.chains(mesh, service, port, caller, log)
            yield _opaque(mesh, service.ip, port, chains, log)
    yield _virtual(mesh, socket)


def _listener(ip: str, port: int, chains: list[Json], **more: Json) -> Obj:
    return {
        "@type": _TYPE,
        "name": f"{ip}_{port}",
        "address": at(ip, port),
        "filter_chains": chains,
        "listener_filters_timeout": "0s",
        "continue_on_listener_filters_timeout": True,
        "traffic_direction": "OUTBOUND",
        "bind_to_port": False,
        **more,
    }


def _http(mesh: Mesh, ip: str, port: int, name: str, rest: Obj | None, log: list[Json]) -> Obj:
    """Return a listener that routes what is HTTP, and hands on what is not."""
    manager = connections.outbound(f"{ip}_{port}", name, log)
    default = rest or _passing(mesh, log)
    return _listener(
        ip,
        port,
        [{"filter_chain_match": IS_HTTP, "filters": [manager], **HANDSHAKE}],
        default_filter_chain=default,
        listener_filters=[HTTP_INSPECTOR],
    )


def _passing(mesh: Mesh, log: list[Json]) -> Obj:
    """Return the chain of what no other is for."""
    rest = tcp_proxy(PASSTHROUGH if mesh.allows_any else BLACKHOLE, log)
    return {"filter_chain_match": {}, "filters": [rest], "name": "PassthroughFilterChain"}


def _opaque(mesh: Mesh, ip: str, port: Port, chains: list[Obj], log: list[Json]) -> Obj:
    """Return a listener that reads no requests: by server names where it is one of TLS."""
    matched = [each for each in chains if "filter_chain_match" in each]
    rest = [each for each in chains if "filter_chain_match" not in each]
    more: Obj = {}
    if any("server_names" in table(each, "filter_chain_match") for each in matched):
        more["listener_filters"] = [TLS_INSPECTOR]
    if not matched:
        return _listener(ip, port.number, [*rest], **more)
    more["default_filter_chain"] = rest[0] if rest else _passing(mesh, log)
    return _listener(ip, port.number, [*matched], **more)


def _virtual(mesh: Mesh, socket: Path) -> Obj:
    cluster = PASSTHROUGH if mesh.allows_any else BLACKHOLE
    log = printed(is_printed=mesh.has_access_log)
    return {
        "@type": _TYPE,
        "name": "virtualOutbound",
        "address": pipe(str(socket)),
        "filter_chains": [
            {
                "filter_chain_match": {"destination_port": 15001},
                "filters": [tcp_proxy(BLACKHOLE)],
                "name": "virtualOutbound-blackhole",
            },
            {"filters": [tcp_proxy(cluster, log)], "name": "virtualOutbound-catchall-tcp"},
        ],
        "listener_filters": [PROXY_PROTOCOL],
        "use_original_dst": True,
        "traffic_direction": "OUTBOUND",
        "max_connections_to_accept_per_socket_event": 1,
    }


def route_configurations(mesh: Mesh, caller: routes.Caller) -> Iterator[Obj]:
    """Yield the routes of a sidecar: of each port by Host, and of each port that is found out."""
    chosen = mesh.routed_hosts(caller.namespace)
    age = {id(source): place for place, source in enumerate(mesh.virtual_services)}
    by_port: dict[int, list[tuple[int, Obj]]] = {}
    detected = []
    for service, port in pairs(mesh):
        if not port.is_http:
            continue
        name = f"{service.host}:{port.number}"
        host = narrowest(chosen, service.host)
        found = routes.of(mesh, chosen[host], port.number, caller) if host else []
        rank = age[id(chosen[host])] if host and found else len(age)
        plain = routes.plain(service.host, port.number)
        found = found or [hashed(mesh, caller.namespace, plain)]
        names = domains(service.host, service.ip, caller.namespace, is_headless=service.is_headless)
        virtual = routes.virtual_host(name, names, found)
        by_port.setdefault(port.number, []).append((rank, virtual))
        if port.protocol == AUTO and not service.is_headless:
            detected.append(routes.configuration(name, [{**virtual, "domains": ["*"]}]))
    for outside, source in chosen.items():
        if not any(covers(outside, known) for known in mesh.by_host):
            found = routes.of(mesh, source, 80, caller)
            if found:
                virtual = routes.virtual_host(f"{outside}:80", [outside], found)
                by_port.setdefault(80, []).append((age[id(source)], virtual))
    for number, ranked in sorted(by_port.items()):
        yield routes.configuration(str(number), [*_distinct(ranked), rest(mesh)])
    yield from detected


def _distinct(ranked: list[tuple[int, Obj]]) -> list[Obj]:
    """Return virtual hosts by name, each domain in one alone: the oldest VirtualService's first."""
    taken: set[str] = set()
    kept = []
    for _, virtual in sorted(ranked, key=lambda each: each[0]):
        own = [name for name in words(virtual, "domains") if name.lower() not in taken]
        taken.update(name.lower() for name in own)
        if own:
            kept.append({**virtual, "domains": list[Json](own)})
    return sorted(kept, key=lambda virtual: str(virtual["name"]))


def rest(mesh: Mesh) -> Obj:
    """Return the virtual host of what no Service is for."""
    if mesh.allows_any:
        return routes.virtual_host("allow_any", ["*"], [routes.passing()])
    refused: Obj = {
        "name": "block_all",
        "match": {"prefix": "/"},
        "direct_response": {"status": 502},
    }
    return routes.virtual_host("block_all", ["*"], [refused])
