"""Endpoints: the sockets behind each cluster, with what is known of the pods."""

from collections.abc import Iterator

from app.sandbox.istiod import policies
from app.sandbox.istiod.envoy.clusters import name_of
from app.sandbox.istiod.envoy.shapes import CONFIG, pipe
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import Endpoint
from app.sandbox.objects import Json, Obj, strings, text
from app.sandbox.proxy.display import TOLD


def outbound(mesh: Mesh, namespace: str) -> Iterator[Obj]:
    """Yield the endpoints of every cluster, as a proxy in a namespace has them."""
    for service in mesh.services:
        if service.external_name:
            continue
        subsets = mesh.rule(service.host, namespace).subsets
        for port in service.ports:
            if port.protocol == "udp":
                continue
            ready = service.endpoints.get(port.name, ())
            yield _assignment(mesh, name_of(port.number, "", service.host), ready)
            for subset in subsets:
                labels = strings(subset, "labels")
                chosen = tuple(
                    each
                    for each in ready
                    if all(each.labels.get(key) == value for key, value in labels.items())
                )
                name = name_of(port.number, text(subset, "name"), service.host)
                yield _assignment(mesh, name, chosen)


def _assignment(mesh: Mesh, name: str, ready: tuple[Endpoint, ...]) -> Obj:
    hosts = [host for each in ready if (host := _host(mesh, each))]
    assignment: Obj = {
        "@type": f"{CONFIG}.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": name,
    }
    if hosts:
        weight = len(hosts)
        assignment["endpoints"] = [
            {
                "locality": {},
                "lb_endpoints": list[Json](hosts),
                "load_balancing_weight": weight,
            }
        ]
    return assignment


def _host(mesh: Mesh, endpoint: Endpoint) -> Obj:
    """Return an endpoint; empty where its address leads nowhere in this sandbox."""
    socket = mesh.door(endpoint.ip, endpoint.port)
    if not socket:
        return {}
    known: Obj = {"istio": {"workload": endpoint.workload}}
    takes_tls = (
        endpoint.has_sidecar
        and policies.mode(mesh, endpoint.namespace, endpoint.labels, endpoint.port)
        != policies.DISABLE
    )
    wanted: Obj = {"tlsMode": "istio"} if takes_tls else {}
    if mesh.asks_addresses and endpoint.has_sidecar:
        wanted[TOLD] = "yes"
    if wanted:
        known["envoy.transport_socket_match"] = wanted
    return {
        "endpoint": {"address": pipe(socket)},
        "health_status": "HEALTHY",
        "metadata": {"filter_metadata": known},
        "load_balancing_weight": 1,
    }
