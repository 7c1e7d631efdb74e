"""A sidecar's listeners for what its program sends, and the routes behind them."""

from collections.abc import Iterator
from pathlib import Path

from app.sandbox.istiod.envoy import connections, routes
from app.sandbox.istiod.envoy.clusters import name_of as cluster_name
from app.sandbox.istiod.envoy.logs import access_logs, printed
from app.sandbox.istiod.envoy.shapes import CONFIG, at, extension, pipe, tcp_proxy
from app.sandbox.istiod.hosts import domains, narrowest
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import AUTO, HTTP, Port, Service
from app.sandbox.objects import Json, Obj

PASSTHROUGH, BLACKHOLE = "PassthroughCluster", "BlackHoleCluster"
STATUS = 15021  # every sidecar's own port: no listener for all addresses
HANDSHAKE: Obj = {"transport_socket_connect_timeout": "15s"}
IS_HTTP: Obj = {"transport_protocol": "raw_buffer", "application_protocols": ["http/1.1", "h2c"]}
HTTP_INSPECTOR = extension(
    "envoy.filters.listener.http_inspector", "filters.listener.http_inspector.v3.HttpInspector"
)
PROXY_PROTOCOL = extension(
    "envoy.filters.listener.proxy_protocol", "filters.listener.proxy_protocol.v3.ProxyProtocol"
)
_TYPE = f"{CONFIG}.listener.v3.Listener"


def pairs(mesh: Mesh) -> Iterator[tuple[Service, Port]]:
    """Yield the TCP ports of all Services, by host."""
    for service in sorted(mesh.services, key=lambda each: each.host):
        if not service.external_name:
            yield from ((service, port) for port in service.ports if port.protocol != "udp")


def listeners(mesh: Mesh, folder: Path, socket: Path) -> Iterator[Obj]:
    """Yield all outbound listeners of a sidecar; only `virtualOutbound` is bound, to `socket`."""
    log = access_logs(folder, "outbound", is_printed=mesh.has_access_log)
    shared: set[int] = set()
    for service, port in pairs(mesh):
        if port.protocol in HTTP and port.number != STATUS:
            if port.number not in shared:
                shared.add(port.number)
                yield _http(mesh, "0.0.0.0", port.number, str(port.number), "", log)
        elif service.is_headless:
            continue  # its pods are asked by their own addresses: they pass through
        elif port.is_http:
            name = f"{service.host}:{port.number}"
            cluster = cluster_name(port.number, "", service.host)
            yield _http(mesh, service.ip, port.number, name, cluster, log)
        else:
            yield _tcp(service.ip, port.number, cluster_name(port.number, "", service.host), log)
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


def _http(mesh: Mesh, ip: str, port: int, name: str, cluster: str, log: list[Json]) -> Obj:
    """Return a listener that routes what is HTTP, and hands on what is not."""
    manager = connections.outbound(f"{ip}_{port}", name, log)
    rest = tcp_proxy(cluster or (PASSTHROUGH if mesh.allows_any else BLACKHOLE), log)
    default: Obj = {"filters": [rest], **HANDSHAKE}
    if not cluster:
        default = {"filter_chain_match": {}, "filters": [rest], "name": "PassthroughFilterChain"}
    return _listener(
        ip,
        port,
        [{"filter_chain_match": IS_HTTP, "filters": [manager], **HANDSHAKE}],
        default_filter_chain=default,
        listener_filters=[HTTP_INSPECTOR],
    )


def _tcp(ip: str, port: int, cluster: str, log: list[Json]) -> Obj:
    return _listener(ip, port, [{"filters": [tcp_proxy(cluster, log)], **HANDSHAKE}])


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
    by_port: dict[int, list[Obj]] = {}
    detected = []
    for service, port in pairs(mesh):
        if not port.is_http:
            continue
        name = f"{service.host}:{port.number}"
        found = _routes(mesh, service, port.number, chosen, caller)
        names = domains(service.host, service.ip, caller.namespace, is_headless=service.is_headless)
        by_port.setdefault(port.number, []).append(routes.virtual_host(name, names, found))
        if port.protocol == AUTO and not service.is_headless:
            host = routes.virtual_host(name, ["*"], found)
            detected.append(routes.configuration(name, [host]))
    for outside, source in sorted(chosen.items()):
        if outside not in mesh.by_host and "*" not in outside:
            found = routes.of(mesh, source, 80, caller)
            if found:
                added = routes.virtual_host(f"{outside}:80", [outside], found)
                by_port.setdefault(80, []).append(added)
    for number, hosts in sorted(by_port.items()):
        hosts.sort(key=lambda host: str(host["name"]))
        yield routes.configuration(str(number), [*hosts, rest(mesh)])
    yield from detected


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


def _routes(
    mesh: Mesh, service: Service, port: int, chosen: dict[str, Obj], caller: routes.Caller
) -> list[Obj]:
    host = narrowest(chosen, service.host)
    found = routes.of(mesh, chosen[host], port, caller) if host else []
    return found or [routes.plain(service.host, port)]
