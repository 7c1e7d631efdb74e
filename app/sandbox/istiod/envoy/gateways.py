"""What a gateway's Envoy listens on, and where its requests go."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from app.sandbox.istiod.envoy import connections, credentials, layer4, routes
from app.sandbox.istiod.envoy.authorization import filters, network_filters
from app.sandbox.istiod.envoy.logs import access_logs
from app.sandbox.istiod.envoy.matches import is_catch_all
from app.sandbox.istiod.envoy.outbound import ADMITTED, TLS_INSPECTOR
from app.sandbox.istiod.envoy.servers import PASSING, Server, bound_to, servers
from app.sandbox.istiod.envoy.shapes import CONFIG, pipe
from app.sandbox.istiod.hosts import covers
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Json, Obj, labels_of, namespace_of, table


def listeners(mesh: Mesh, pod: Obj, folder: Path, socket: Callable[[int], Path]) -> Iterator[Obj]:
    """Yield the listeners of a gateway's pod, each bound to the socket of its port."""
    log = access_logs(folder, "outbound", is_printed=mesh.has_access_log)
    by_port: dict[int, list[Server]] = {}
    for server in servers(mesh, pod):
        by_port.setdefault(server.bound, []).append(server)
    for bound, together in sorted(by_port.items()):
        chains: list[Json] = []
        if any(server.is_plain for server in together):
            checks = filters(mesh, pod, bound)
            manager = connections.gateway(f"0.0.0.0_{bound}", f"http.{bound}", log, checks)
            chains.append({"filters": [manager]})
        else:
            for server in together:
                chains += _chains(mesh, pod, server, log)
        if chains:
            is_tls = any(server.is_tls for server in together)
            yield {
                "@type": f"{CONFIG}.listener.v3.Listener",
                "name": f"0.0.0.0_{bound}",
                "address": pipe(str(socket(bound))),
                "filter_chains": chains,
                "listener_filters": [ADMITTED, *([TLS_INSPECTOR] if is_tls else [])],
                "traffic_direction": "OUTBOUND",
                "max_connections_to_accept_per_socket_event": 1,
            }


def _chains(mesh: Mesh, pod: Obj, server: Server, log: list[Json]) -> Iterator[Obj]:
    """Yield the chains of a server whose port is not one of plain HTTP."""
    names = [host for host in server.hosts if host != "*"]
    match: Obj = {"filter_chain_match": {"server_names": [*names]}} if names else {}
    if server.is_http:
        checks = filters(mesh, pod, server.bound)
        manager = connections.gateway(f"0.0.0.0_{server.bound}", server.routes, log, checks)
        yield {
            **match,
            "filters": [manager],
            "transport_socket": credentials.context(server),
            **layer4.HANDSHAKE,
        }
        return
    caller = routes.Caller(namespace_of(pod), labels_of(pod), frozenset({server.gateway}))
    bound = bound_to(mesh, server, namespace_of(pod))
    sources = [source for source, common in bound if common]
    asked = (mesh, sources, server.port, server.gateway, caller, log)
    checks = network_filters(mesh, pod, server.bound)
    if server.mode in PASSING:
        for chain in layer4.gateway_chains(*asked):
            own = chain["filters"]
            yield {**chain, "filters": [*checks, *(own if isinstance(own, list) else [])]}
        return
    filter_ = layer4.gateway_filter(*asked)
    if filter_:
        ended: Obj = {"transport_socket": credentials.context(server)} if server.mode else {}
        chosen = match if server.mode else {}
        yield {**chosen, "filters": [*checks, filter_], **ended, **layer4.HANDSHAKE}


def route_configurations(mesh: Mesh, pod: Obj) -> Iterator[Obj]:
    """Yield the routes of a gateway's pod, one configuration for each port or HTTPS server."""
    by_name: dict[str, list[Server]] = {}
    for server in servers(mesh, pod):
        if server.is_http:
            by_name.setdefault(server.routes, []).append(server)
    for name, together in sorted(by_name.items()):
        yield routes.configuration(name, _virtual_hosts(mesh, pod, together))


def _virtual_hosts(mesh: Mesh, pod: Obj, together: Sequence[Server]) -> list[Obj]:
    """Return the hosts of some servers; several VirtualServices for one host are joined."""
    found: dict[str, list[Obj]] = {}
    for server in together:
        caller = routes.Caller(namespace_of(pod), labels_of(pod), frozenset({server.gateway}))
        for source, common in bound_to(mesh, server, namespace_of(pod)):
            made = routes.of(
                mesh, source, server.port, replace(caller, namespace=namespace_of(source))
            )
            for host in common if made else ():
                found.setdefault(host, []).extend(made)
    redirects = {host for each in together if each.redirects for host in each.hosts}
    port = together[0].port
    hosts = []
    for host, made in found.items():
        ordered = sorted(made, key=is_catch_all)
        virtual = routes.virtual_host(f"{host}:{port}", [host], ordered)
        if any(covers(each, host) for each in redirects):
            virtual["require_tls"] = "ALL"
        hosts.append(virtual)
    for host in sorted(redirects - found.keys()):
        hosts.append({"name": f"{host}:{port}", "domains": [host], "require_tls": "ALL"})
    return sorted(hosts, key=lambda each: str(each["name"])) or [
        {"name": f"blackhole:{port}", "domains": ["*"]}
    ]


def secrets(mesh: Mesh, pod: Obj) -> Iterator[Obj]:
    """Yield the secrets that servers of a gateway's pod may name."""
    if any(table(server.spec, "tls") for server in servers(mesh, pod)):
        yield from credentials.resources(mesh.secrets, namespace_of(pod))
