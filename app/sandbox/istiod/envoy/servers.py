"""The servers of Gateways: what a gateway's pod listens for."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.istiod.hosts import covers, full
from app.sandbox.istiod.mesh import Mesh, is_exported
from app.sandbox.objects import (
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

PLAIN = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB")
PASSING = ("PASSTHROUGH", "AUTO_PASSTHROUGH")


@dataclass(frozen=True)
class Server:
    """One server of a Gateway: the port it says, the pod's port behind it, the hosts it takes."""

    gateway: str
    port: int
    bound: int
    spec: Obj
    namespace: str

    @property
    def protocol(self) -> str:
        """Return the protocol that its port says."""
        return text(self.spec, "port.protocol").upper()

    @property
    def mode(self) -> str:
        """Return what it does with TLS; empty where it has none."""
        tls = self.spec.get("tls")
        return text(tls, "mode", "PASSTHROUGH") if isinstance(tls, dict) else ""

    @property
    def is_plain(self) -> bool:
        """Whether it reads requests that come in plain text."""
        return self.protocol in PLAIN

    @property
    def is_http(self) -> bool:
        """Whether it reads requests."""
        return self.is_plain or (self.protocol == "HTTPS" and self.mode not in PASSING)

    @property
    def is_tls(self) -> bool:
        """Whether what comes is TLS, ended here or passed on."""
        return self.protocol in ("HTTPS", "TLS")

    @property
    def routes(self) -> str:
        """Return the name of its routes."""
        if self.is_tls:
            name = text(self.spec, "name") or text(self.spec, "port.name")
            where = f"{name}.{self.gateway.partition('/')[2]}.{self.namespace}"
            return f"https.{self.port}.{where}"
        return f"http.{self.bound}"

    @property
    def hosts(self) -> list[str]:
        """Return the hosts that it takes, without the namespaces that are before them."""
        return [host.rpartition("/")[2] for host in words(self.spec, "hosts")]

    @property
    def redirects(self) -> bool:
        """Whether it sends every request on to HTTPS."""
        return table(self.spec, "tls").get("httpsRedirect") is True


def servers(mesh: Mesh, pod: Obj) -> list[Server]:
    """Return the servers of the Gateways that select a pod, oldest first."""
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
            said = number(spec, "port.number")
            bound = targets.get(said, said)
            found.append(Server(name, said, bound, spec, namespace_of(gateway)))
    return found


def qualified(gateway: str, namespace: str) -> str:
    """Return a gateway's name with its namespace; `mesh` stays."""
    return gateway if gateway == "mesh" or "/" in gateway else f"{namespace}/{gateway}"


def bound_to(mesh: Mesh, server: Server, namespace: str) -> Iterator[tuple[Obj, list[str]]]:
    """Yield the VirtualServices of a server, each with the hosts that the two have in common."""
    for source in mesh.virtual_services:
        gateways = words(source, "spec.gateways")
        named = {qualified(name, namespace_of(source)) for name in gateways}
        if server.gateway in named and is_exported(source, namespace):
            yield source, list(_both(source, server))


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
