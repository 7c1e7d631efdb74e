"""All resources of one proxy, by type; what proxies have in common is made once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from app.sandbox.istiod.envoy import clusters, endpoints, gateways, inbound, outbound, routes
from app.sandbox.istiod.envoy.shapes import CONFIG, pipe, told
from app.sandbox.istiod.envoy.telemetry import traced
from app.sandbox.istiod.envoy.tls import RAW
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.scope import seen, sidecar_of
from app.sandbox.objects import Json, Obj, labels_of, name_of, namespace_of, text
from app.sandbox.proxy.discovery import Resource

RELAY = "pass"  # the socket, in a pod's folder, of what passes through the mesh unknown


class Home(Protocol):
    """Where a proxy's sockets are: a place of the network."""

    @property
    def folder(self) -> Path:
        """Return the pod's folder."""
        ...

    @property
    def outbound(self) -> Path:
        """Return the socket of what the program sends."""
        ...

    def inbound(self, port: int) -> Path:
        """Return the socket of a sidecar's port."""
        ...

    def program(self, port: int) -> Path:
        """Return the socket of a port of the pod's own program, or of the gateway."""
        ...


@dataclass(frozen=True)
class Proxy:
    """One proxy: its pod, its sockets, and whether it is a gateway's."""

    pod: Obj
    home: Home
    is_gateway: bool


class Translator:
    """Turns looks at the mesh into resources; equal ones stay the same objects from look to look.

    One look at a time: `look` begins a new one, then `resources` is asked for each proxy.
    """

    def __init__(self) -> None:
        self._mesh: Mesh | None = None
        self._kept: dict[str, tuple[tuple[object, ...], list[Resource]]] = {}
        self._views: dict[str, Mesh] = {}

    def look(self, mesh: Mesh) -> None:
        """Begin anew with another look."""
        self._mesh = mesh
        self._views = {}

    def resources(self, proxy: Proxy) -> Mapping[str, list[Resource]]:
        """Return a proxy's resources by type: CDS, EDS, LDS, RDS, and SDS of a gateway."""
        mesh = self._mesh
        assert mesh is not None
        scope = text(proxy.pod, "metadata.uid") or str(proxy.home.folder)
        namespace = namespace_of(proxy.pod)
        view, named = mesh, ""
        if not proxy.is_gateway:
            view, named = self._view(mesh, namespace, labels_of(proxy.pod))
        found = self._destinations(view, proxy, named)
        around = (mesh.shape, mesh.settings, mesh.peer_authentications, proxy.pod)
        refusing = (mesh.authorization_policies, mesh.request_authentications, mesh.telemetries,
                    mesh.gateway_identities)  # fmt: skip
        inputs: tuple[object, ...]
        if proxy.is_gateway:
            inputs = (*around, *refusing, mesh.gateways, mesh.virtual_services, mesh.layer4)
            own = self._made(f"own {scope}", (), lambda: _relays(proxy.home)[:1])
            found["RDS"] = self._made(
                f"RDS {scope}",
                (*inputs, mesh.destination_rules),
                lambda: gateways.route_configurations(mesh, proxy.pod),
            )
            found["SDS"] = self._made(
                f"SDS {scope}",
                (mesh.gateways, mesh.secrets, mesh.shape),
                lambda: gateways.secrets(mesh, proxy.pod),
            )
        else:
            inputs = (*around, *refusing, view.shape, view.settings, view.layer4)
            own = self._made(
                f"own {scope}",
                (*around, mesh.destination_rules),
                lambda: _own_clusters(mesh, proxy),
            )
            found["RDS"] = self._routes(view, proxy, named)
        found["CDS"] = [*own, *found["CDS"]]
        found["LDS"] = self._made(f"LDS {scope}", inputs, lambda: _listeners(mesh, view, proxy))
        return found

    def _routes(self, view: Mesh, proxy: Proxy, named: str) -> list[Resource]:
        namespace = namespace_of(proxy.pod)
        labels = labels_of(proxy.pod) if view.asks_labels else {}  # else one for all of them
        caller = routes.Caller(namespace, labels)
        return self._made(
            f"RDS {named} {namespace}/{sorted(labels.items())}",
            (view.shape, view.virtual_services, view.destination_rules, view.settings),
            lambda: outbound.route_configurations(view, caller),
        )

    def _view(self, mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> tuple[Mesh, str]:
        """Return what of the mesh a sidecar sees, and the name of the Sidecar that says so."""
        sidecar = sidecar_of(mesh, namespace, labels) if mesh.sidecars else None
        if sidecar is None:
            return mesh, ""
        name = f"{namespace}: {namespace_of(sidecar)}/{name_of(sidecar)}"
        if name not in self._views:
            self._views[name] = seen(mesh, sidecar, namespace)
        return self._views[name], name

    def _destinations(self, mesh: Mesh, proxy: Proxy, named: str) -> dict[str, list[Resource]]:
        namespace = namespace_of(proxy.pod)
        is_telling = mesh.asks_addresses and not proxy.is_gateway
        key = f"{named} {namespace}{' telling' if is_telling else ''}"
        common = (mesh.shape, mesh.destination_rules, mesh.settings, mesh.asks_addresses)
        return {
            "CDS": self._made(
                f"CDS {key}",
                (*common, mesh.accounts),
                lambda: clusters.outbound(mesh, namespace, is_telling=is_telling),
            ),
            "EDS": self._made(
                f"EDS {key}",
                (*common, mesh.doors, mesh.peer_authentications),
                lambda: endpoints.outbound(mesh, namespace),
            ),
        }

    def forget(self, uid: str) -> None:
        """Let go of what was kept for a pod that has gone."""
        self._kept = {key: kept for key, kept in self._kept.items() if not key.endswith(f" {uid}")}

    def _made(
        self, key: str, inputs: tuple[object, ...], make: Callable[[], Iterable[Obj]]
    ) -> list[Resource]:
        """Return resources, those of before where nothing that they are made from has changed.

        Where something has, what comes out the same stays the same object, and is not sent again.
        """
        before = self._kept.get(key)
        if before is not None and before[0] == inputs:
            return before[1]
        old = {resource.name: resource for resource in before[1]} if before else {}
        found = []
        for body in make():
            name = text(body, "name") or text(body, "cluster_name")
            kept = old.get(name)
            found.append(kept if kept and kept.body == body else Resource(name, body))
        self._kept[key] = inputs, found
        return found


def _own_clusters(mesh: Mesh, proxy: Proxy) -> list[Obj]:
    servers = inbound.servers(mesh, proxy.pod)
    programs = {server.port: proxy.home.program(server.port) for server in servers}
    namespace = namespace_of(proxy.pod)
    return [*inbound.inbound_clusters(mesh, servers, namespace, programs), *_relays(proxy.home)]


def _listeners(mesh: Mesh, view: Mesh, proxy: Proxy) -> Iterable[Obj]:
    folder = proxy.home.folder
    if proxy.is_gateway:
        found = gateways.listeners(mesh, proxy.pod, folder, proxy.home.program)
    else:
        servers = inbound.servers(mesh, proxy.pod)
        sockets = {server.port: proxy.home.inbound(server.port) for server in servers}
        caller = routes.Caller(namespace_of(proxy.pod), labels_of(proxy.pod))
        found = chain(
            outbound.listeners(view, caller, folder, proxy.home.outbound),
            inbound.listeners(mesh, servers, proxy.pod, folder, sockets),
        )
    return traced(mesh, proxy.pod, found, is_gateway=proxy.is_gateway)


def _relays(home: Home) -> list[Obj]:
    """Return the clusters that are no Service's: nothing, and what passes through unknown.

    Istio's would open connections to any address. Here they lead to the sandbox's own relay,
    which is told the address by the PROXY protocol and knows which exist.
    """
    relay: Json = {"endpoint": {"address": pipe(str(home.folder / RELAY))}}
    type_ = f"{CONFIG}.cluster.v3.Cluster"
    unlimited: Obj = {"thresholds": [clusters.thresholds({})]}
    return [
        {
            "@type": type_,
            "name": "BlackHoleCluster",
            "alt_stat_name": "BlackHoleCluster;",
            "type": "STATIC",
            "connect_timeout": "10s",
        },
        {
            "@type": type_,
            "name": "InboundPassthroughCluster",  # each port has a cluster of its own here
            "alt_stat_name": "PassthroughCluster;",
            "type": "STATIC",
            "connect_timeout": "10s",
            "circuit_breakers": unlimited,
        },
        {
            "@type": type_,
            "name": "PassthroughCluster",
            "alt_stat_name": "PassthroughCluster;",
            "type": "STATIC",
            "connect_timeout": "10s",
            "circuit_breakers": unlimited,
            **clusters.http_options({"idle_timeout": "300s"}, protocol="same"),
            "transport_socket": told(RAW),
            "load_assignment": {
                "cluster_name": "PassthroughCluster",
                "endpoints": [{"lb_endpoints": [relay]}],
            },
        },
    ]
