"""A sidecar's listeners for what comes to its program: one socket a port, by the mode in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.sandbox.istiod import policies
from app.sandbox.istiod.envoy import clusters, connections, tls
from app.sandbox.istiod.envoy.authorization import filters, network_filters
from app.sandbox.istiod.envoy.logs import access_logs
from app.sandbox.istiod.envoy.outbound import ADMITTED, HTTP_INSPECTOR, IS_HTTP, TLS_INSPECTOR
from app.sandbox.istiod.envoy.shapes import CONFIG, istio, pipe, tcp_proxy
from app.sandbox.istiod.envoy.shapes import at as address
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import AUTO, HTTP
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    items,
    labels_of,
    namespace_of,
    number,
    selects,
    table,
)

MESH_HTTP = ("istio-http/1.0", "istio-http/1.1", "istio-h2")
MESH_TCP = ("istio-peer-exchange", "istio")
_CATCH_ALL = {True: "-catchall-http", False: ""}
MESH_ANY = ("istio", "istio-peer-exchange", *MESH_HTTP)


@dataclass(frozen=True)
class Server:
    """A port of a pod's program. `services` are those that lead to it; the first one counts."""

    port: int
    protocol: str
    services: tuple[str, ...] = ()
    host: str = ""
    service_port: int = 0


def servers(mesh: Mesh, pod: Obj) -> list[Server]:
    """Return the ports of a pod that are reached: by Services, or declared by its containers."""
    namespace, labels = namespace_of(pod), labels_of(pod)
    found: dict[int, Server] = {}
    named: dict[str, int] = {}
    declared = []
    for container in [*items(pod, "spec.containers"), *items(pod, "spec.initContainers")]:
        if container.get("name") == "istio-proxy":
            continue
        for port in items(container, "ports"):
            if at(port, "protocol") != "UDP":
                declared.append(number(port, "containerPort"))
                named[str(port.get("name", ""))] = number(port, "containerPort")
    for service in mesh.services:
        if service.namespace != namespace or not selects(service.selector, labels):
            continue
        for port_ in service.ports:
            target = port_.target
            reached = named.get(target, 0) if isinstance(target, str) else target
            if reached and port_.protocol != "udp" and reached not in found:
                found[reached] = Server(
                    reached,
                    port_.protocol,
                    (service.name,),
                    service.host,
                    port_.number,
                )
    for reached in declared:
        found.setdefault(reached, Server(reached, AUTO))
    return [found[reached] for reached in sorted(found)]


def inbound_clusters(
    mesh: Mesh, found: list[Server], namespace: str, programs: Mapping[int, Path]
) -> Iterator[Obj]:
    """Yield the clusters of the pod's own program; `programs` are its sockets by port."""
    for server in found:
        name = f"inbound|{server.port}||"
        rule = mesh.rule(server.host, namespace)
        pool = table(rule.policy(server.service_port), "connectionPool") if server.host else {}
        is_http2 = server.protocol in ("http2", "grpc")
        protocol = "same" if server.protocol == AUTO else "http2" if is_http2 else ""
        socket: Obj = {"endpoint": {"address": pipe(str(programs[server.port]))}}
        known: list[Json] = [
            {"host": server.host, "name": service, "namespace": namespace}
            for service in server.services
        ]
        yield {
            "@type": f"{CONFIG}.cluster.v3.Cluster",
            "name": name,
            "alt_stat_name": f"{name};",
            "type": "STATIC",
            "connect_timeout": "10s",
            "circuit_breakers": {"thresholds": [clusters.thresholds(pool)]},
            **clusters.http_options(clusters.options(pool), protocol=protocol),
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [socket]}]},
            "metadata": istio(config=rule.config if server.host else "", services=known),
        }


def unknown(mesh: Mesh, pod: Obj, folder: Path) -> Obj:
    """Return the listener of all other ports. Istio's takes them; here it is bound to nothing.

    A port that neither a Service nor a container names is not reached in the sandbox.
    """
    log = access_logs(folder, "inbound", is_printed=mesh.has_access_log)
    mode = policies.mode(mesh, namespace_of(pod), labels_of(pod), 0)
    chains = _Chains(Server(0, AUTO), log, [], mode).all()
    blackhole: Obj = {
        "filter_chain_match": {"destination_port": 15006},
        "filters": [tcp_proxy("BlackHoleCluster")],
        "name": "virtualInbound-blackhole",
    }
    return {
        "@type": f"{CONFIG}.listener.v3.Listener",
        "name": "virtualInbound|0",
        "address": address("0.0.0.0", 15006),
        "filter_chains": [blackhole, *chains],
        "listener_filters": [TLS_INSPECTOR, HTTP_INSPECTOR],
        "traffic_direction": "INBOUND",
        "bind_to_port": False,
    }


def listeners(
    mesh: Mesh, found: list[Server], pod: Obj, folder: Path, sockets: Mapping[int, Path]
) -> Iterator[Obj]:
    """Yield the listeners of the pod's ports, bound to `sockets`."""
    log = access_logs(folder, "inbound", is_printed=mesh.has_access_log)
    namespace, labels = namespace_of(pod), labels_of(pod)
    yield unknown(mesh, pod, folder)
    for server in found:
        mode = policies.mode(mesh, namespace, labels, server.port)
        chains = _Chains(server, log, filters(mesh, pod, server.port), mode)
        chains.tcp_checks = network_filters(mesh, pod, server.port)
        inspectors: list[Json] = [ADMITTED]
        if mode != policies.DISABLE:
            inspectors.append(TLS_INSPECTOR)
        if server.protocol == AUTO and mode != policies.STRICT:
            inspectors.append(HTTP_INSPECTOR)
        yield {
            "@type": f"{CONFIG}.listener.v3.Listener",
            "name": f"virtualInbound|{server.port}",
            "address": pipe(str(sockets[server.port])),
            "filter_chains": chains.all(),
            "listener_filters": inspectors,
            "listener_filters_timeout": "0s",
            "continue_on_listener_filters_timeout": True,
            "traffic_direction": "INBOUND",
            "max_connections_to_accept_per_socket_event": 1,
        }


class _Chains:
    """The filter chains of a port: what is taken in plain text, what by mutual TLS."""

    def __init__(self, server: Server, log: list[Json], checks: list[Json], mode: str) -> None:
        self._server = server
        self._log = log
        self._checks = checks
        self._mode = mode
        self.tcp_checks: list[Json] = []

    def all(self) -> list[Json]:
        """Return the chains."""
        if self._server.protocol == AUTO:
            return self._detected()
        http = self._server.protocol in HTTP
        takes_tls: Obj = {"transport_protocol": "tls"}
        if self._mode == policies.DISABLE:
            return [self._chain({}, is_http=http)]
        if self._mode == policies.STRICT:
            return [self._chain(takes_tls, is_http=http, is_tls=True)]
        found = [
            self._chain(
                {**takes_tls, "application_protocols": [*MESH_ANY]}, is_http=http, is_tls=True
            )
        ]
        if not http:
            found.append(self._chain(takes_tls, is_http=False))
        return [*found, self._chain({"transport_protocol": "raw_buffer"}, is_http=http)]

    def _detected(self) -> list[Json]:
        """Return the chains of a port whose protocol nobody said."""
        takes_tls: Obj = {"transport_protocol": "tls"}
        http: Obj = {**takes_tls, "application_protocols": [*MESH_HTTP]}
        tcp: Obj = {**takes_tls, "application_protocols": [*MESH_TCP]}
        plain = [
            self._chain(IS_HTTP, is_http=True),
            self._chain({"transport_protocol": "raw_buffer"}, is_http=False),
        ]
        if self._mode == policies.DISABLE:
            return [*plain]
        proved = [self._chain(http, is_http=True, is_tls=True)]
        if self._mode == policies.STRICT:
            return [*proved, self._chain(takes_tls, is_http=False, is_tls=True)]
        proved.append(self._chain(tcp, is_http=False, is_tls=True))
        return [*proved, *plain, self._chain(takes_tls, is_http=False)]

    def _chain(self, match: Obj, *, is_http: bool, is_tls: bool = False) -> Obj:
        port = self._server.port
        cluster = f"inbound|{port}||" if port else "InboundPassthroughCluster"
        own: list[Json]
        if is_http:
            prefix = f"inbound_0.0.0.0_{port}" if port else cluster
            own = [connections.inbound(prefix, self._routes(cluster), self._log, self._checks)]
        else:
            own = [*self.tcp_checks, tcp_proxy(cluster, self._log)]
        return {
            "name": f"0.0.0.0_{port}" if port else f"virtualInbound{_CATCH_ALL[is_http]}",
            **({"filter_chain_match": match} if match else {}),
            "filters": own,
            **({"transport_socket": tls.downstream()} if is_tls else {}),
        }

    def _routes(self, cluster: str) -> Obj:
        action: Obj = {
            "cluster": cluster,
            "timeout": "0s",
            "retry_policy": {"retry_on": "reset-before-request", "num_retries": 2},
            "max_stream_duration": {
                "max_stream_duration": "0s",
                "grpc_timeout_header_max": "0s",
            },
        }
        server = self._server
        route: Obj = {
            "name": "default",
            "match": {"prefix": "/"},
            "route": action,
            "decorator": {"operation": f"{server.host}:{server.service_port}/*"},
        }
        host: Obj = {
            "name": f"inbound|http|{server.service_port}",
            "domains": ["*"],
            "routes": [route],
        }
        return {"name": cluster, "virtual_hosts": [host], "validate_clusters": False}
