"""What a gateway's Envoy listens on, and where its requests go."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.istiod.envoy import connections, routes, tls
from app.sandbox.istiod.envoy.authorization import filters
from app.sandbox.istiod.envoy.inbound import TLS_INSPECTOR
from app.sandbox.istiod.envoy.logs import access_logs
from app.sandbox.istiod.envoy.matches import is_catch_all
from app.sandbox.istiod.envoy.outbound import ADMITTED
from app.sandbox.istiod.envoy.shapes import CONFIG, extension, pipe
from app.sandbox.istiod.hosts import covers, full
from app.sandbox.istiod.mesh import Mesh, is_exported
from app.sandbox.objects import (
    Json,
    Obj,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    selects,
    strings,
    table,
    text,
    words,
)


@dataclass(frozen=True)
class Server:
    """One server of a Gateway: the port it says, the pod's port behind it, the hosts it takes."""

    gateway: str
    port: int
    bound: int
    spec: Obj
    namespace: str

    @property
    def is_tls(self) -> bool:
        """Whether it ends TLS."""
        return text(self.spec, "port.protocol").upper() == "HTTPS"

    @property
    def routes(self) -> str:
        """Return the name of its routes."""
        if self.is_tls:
            name = text(self.spec, "name") or text(self.spec, "port.name")
            where = f"{name}.{self.gateway.partition('/')[2]}.{self.namespace}"
            return f"https.{self.port}.{where}"
        return f"http.{self.bound}"


def servers(mesh: Mesh, pod: Obj) -> list[Server]:
    """Return the HTTP and HTTPS servers of the Gateways that select a pod, oldest first."""
    targets: dict[int, int] = {}
    for service in mesh.services:
        if service.namespace == namespace_of(pod) and selects(service.selector, labels_of(pod)):
            for port in service.ports:
                if isinstance(port.target, int):
                    targets.setdefault(port.number, port.target)
    found = []
    for gateway in mesh.gateways:
        selector = strings(gateway, "spec.selector")
        if selector and not selects(selector, labels_of(pod)):
            continue
        name = f"{namespace_of(gateway)}/{name_of(gateway)}"
        for spec in items(gateway, "spec.servers"):
            if text(spec, "port.protocol").upper() not in ("HTTP", "HTTP2", "GRPC", "HTTPS"):
                continue
            said = number(spec, "port.number")
            bound = targets.get(said, said)
            found.append(Server(name, said, bound, spec, namespace_of(gateway)))
    return found


def listeners(mesh: Mesh, pod: Obj, folder: Path, socket: Callable[[int], Path]) -> Iterator[Obj]:
    """Yield the listeners of a gateway's pod, each bound to the socket of its port."""
    log = access_logs(folder, "outbound", is_printed=mesh.has_access_log)
    by_port: dict[int, list[Server]] = {}
    for server in servers(mesh, pod):
        by_port.setdefault(server.bound, []).append(server)
    for bound, together in sorted(by_port.items()):
        checks = filters(mesh, pod, bound)
        chains: list[Json] = []
        if any(not server.is_tls for server in together):
            manager = connections.gateway(f"0.0.0.0_{bound}", f"http.{bound}", log, checks)
            chains.append({"filters": [manager]})
        else:
            chains += [
                chain
                for server in together
                if (chain := _tls_chain(mesh, server, namespace_of(pod), log, checks))
            ]
        if chains:
            is_tls = together[0].is_tls
            yield {
                "@type": f"{CONFIG}.listener.v3.Listener",
                "name": f"0.0.0.0_{bound}",
                "address": pipe(str(socket(bound))),
                "filter_chains": chains,
                "listener_filters": [ADMITTED, *([TLS_INSPECTOR] if is_tls else [])],
                "traffic_direction": "OUTBOUND",
                "max_connections_to_accept_per_socket_event": 1,
            }


def _tls_chain(
    mesh: Mesh, server: Server, namespace: str, log: list[Json], checks: list[Json]
) -> Obj:
    """Return the chain of an HTTPS server; empty where there is no secret for it."""
    name = text(server.spec, "tls.credentialName")
    secret = mesh.secrets.get((namespace, name))
    if text(server.spec, "tls.mode", "SIMPLE") != "SIMPLE" or secret is None:
        return {}
    data = strings(secret, "data")
    certificate: Obj = {
        "certificate_chain": {"inline_string": _decoded(data.get("tls.crt", ""))},
        "private_key": {"inline_string": _decoded(data.get("tls.key", ""))},
    }
    context: Obj = {
        "tls_params": {**tls.VERSIONS, "cipher_suites": [*tls.CIPHERS]},
        "tls_certificates": [certificate],
        "alpn_protocols": ["h2", "http/1.1"],
    }
    names = [host for host in _hosts(server) if host != "*"]
    match: Obj = {"filter_chain_match": {"server_names": [*names]}} if names else {}
    manager = connections.gateway(f"0.0.0.0_{server.bound}", server.routes, log, checks)
    return {
        **match,
        "filters": [manager],
        "transport_socket": extension(
            tls.SOCKET,
            "transport_sockets.tls.v3.DownstreamTlsContext",
            common_tls_context=context,
            require_client_certificate=False,
        ),
    }


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return ""


def _hosts(server: Server) -> list[str]:
    return [host.rpartition("/")[2] for host in words(server.spec, "hosts")]


def route_configurations(mesh: Mesh, pod: Obj) -> Iterator[Obj]:
    """Yield the routes of a gateway's pod, one configuration for each port or HTTPS server."""
    by_name: dict[str, list[Server]] = {}
    for server in servers(mesh, pod):
        by_name.setdefault(server.routes, []).append(server)
    for name, together in sorted(by_name.items()):
        yield routes.configuration(name, _virtual_hosts(mesh, pod, together))


def _virtual_hosts(mesh: Mesh, pod: Obj, together: Sequence[Server]) -> list[Obj]:
    """Return the hosts of some servers; several VirtualServices for one host are joined."""
    found: dict[str, list[Obj]] = {}
    for server in together:
        caller = routes.Caller(namespace_of(pod), labels_of(pod), frozenset({server.gateway}))
        for source in mesh.virtual_services:
            gateways = words(source, "spec.gateways")
            named = {routes.qualified(name, namespace_of(source)) for name in gateways}
            if server.gateway not in named or not is_exported(source, namespace_of(pod)):
                continue
            at = routes.Caller(namespace_of(source), caller.labels, caller.gateways)
            made = routes.of(mesh, source, server.port, at)
            for host in _both(source, server):
                found.setdefault(host, []).extend(made)
    redirects = {host for each in together if _redirects(each) for host in _hosts(each)}
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


def _redirects(server: Server) -> bool:
    return table(server.spec, "tls").get("httpsRedirect") is True


def _both(source: Obj, server: Server) -> Iterator[str]:
    """Yield the hosts that a VirtualService and a server have in common, the narrower of each."""
    own = namespace_of(source)
    for said in words(server.spec, "hosts"):
        where, _, pattern = said.rpartition("/")
        if where not in ("", "*", own) and not (where == "." and own == server.namespace):
            continue
        for host in words(source, "spec.hosts"):
            host = full(host, own)
            if covers(pattern, host):
                yield host
            elif covers(host, pattern):
                yield pattern
