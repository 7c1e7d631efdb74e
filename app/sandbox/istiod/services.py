"""Services and their endpoints, as the mesh sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.sandbox.istiod.hosts import CLUSTER
from app.sandbox.istiod.workload import Workload
from app.sandbox.objects import (
    Obj,
    at,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    strings,
    text,
    words,
)

AUTO = "auto"
HTTP = frozenset({"http", "http2", "grpc", "grpc-web"})
KNOWN = HTTP | {"https", "tcp", "tls", "mongo", "mysql", "redis", "udp"}
WELL_KNOWN = {3306: "tcp", 27017: "tcp", 22: "tcp", 25: "tcp", 53: "tcp", 3389: "tcp", 4000: "tcp"}


@dataclass(frozen=True)
class Port:
    """A port of a Service. `protocol` is `auto` where neither name nor appProtocol says it.

    `target` is the pod's port: a number, or the name of a container's port.
    """

    number: int
    name: str
    protocol: str
    target: int | str

    @property
    def is_http(self) -> bool:
        """Whether requests on it are routed: it is HTTP, or may be found to be."""
        return self.protocol in HTTP or self.protocol == AUTO


@dataclass(frozen=True)
class Endpoint:
    """A ready address of a port, with what is known of the pod behind it."""

    ip: str
    port: int
    namespace: str
    pod: str
    labels: Mapping[str, str]
    account: str
    workload: str

    @property
    def has_sidecar(self) -> bool:
        """Whether it takes mutual TLS."""
        return self.labels.get("security.istio.io/tlsMode") == "istio"


@dataclass(frozen=True)
class Service:
    """A Service. `endpoints` are by the port's name."""

    name: str
    namespace: str
    host: str
    ip: str
    ports: tuple[Port, ...]
    selector: Mapping[str, str]
    created: str
    external_name: str = ""
    endpoints: Mapping[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    is_entry: bool = False  # it is a ServiceEntry's
    is_external: bool = False  # what is behind it is outside of the mesh

    @property
    def is_headless(self) -> bool:
        """Whether it has no address of its own."""
        return self.ip in ("", "None")

    def at(self, port: int) -> Port | None:
        """Return a port by its number."""
        return next((each for each in self.ports if each.number == port), None)

    def accounts(self) -> list[str]:
        """Return the service accounts (`namespace/name`) of its pods, sorted."""
        found = {
            f"{each.namespace}/{each.account}"
            for endpoints in self.endpoints.values()
            for each in endpoints
        }
        return sorted(found)


def services(found: Iterable[Obj], slices: Iterable[Obj], pods: Iterable[Obj]) -> list[Service]:
    """Return the Services with their ready endpoints."""
    by_name = {(namespace_of(pod), name_of(pod)): pod for pod in pods}
    by_service: dict[tuple[str, str], list[Obj]] = {}
    for piece in slices:
        key = namespace_of(piece), labels_of(piece).get("kubernetes.io/service-name", "")
        by_service.setdefault(key, []).append(piece)
    return [
        _service(each, by_service.get((namespace_of(each), name_of(each)), []), by_name)
        for each in found
    ]


def protocol(port: Obj) -> str:
    """Return a Service port's protocol, as its appProtocol, its name or its number says."""
    if text(port, "protocol", "TCP") == "UDP":
        return "udp"
    said = text(port, "appProtocol").lower()
    said = {"kubernetes.io/h2c": "http2", "kubernetes.io/ws": "http"}.get(said, said)
    for word in (said, text(port, "name").lower()):
        if word in KNOWN:
            return word
        if word.startswith("grpc-web"):
            return "grpc-web"
        prefix = word.partition("-")[0]
        if word and prefix in KNOWN:
            return prefix
    return WELL_KNOWN.get(number(port, "port"), AUTO)


def _target(port: Obj) -> int | str:
    target = port.get("targetPort")
    if isinstance(target, str):
        return int(target) if target.isdigit() else target
    return target if isinstance(target, int) else number(port, "port")


def _service(found: Obj, slices: list[Obj], pods: Mapping[tuple[str, str], Obj]) -> Service:
    name, namespace = name_of(found), namespace_of(found)
    ports = tuple(
        Port(number(port, "port"), text(port, "name"), protocol(port), _target(port))
        for port in items(found, "spec.ports")
    )
    endpoints: dict[str, list[Endpoint]] = {}
    for piece in slices:
        for port in items(piece, "ports"):
            ready = endpoints.setdefault(text(port, "name"), [])
            ready += _endpoints(piece, number(port, "port"), pods)
    return Service(
        name,
        namespace,
        f"{name}.{namespace}.svc.{CLUSTER}",
        text(found, "spec.clusterIP"),
        ports,
        strings(found, "spec.selector"),
        text(found, "metadata.creationTimestamp"),
        text(found, "spec.externalName"),
        {port: tuple(ready) for port, ready in endpoints.items()},
    )


def _endpoints(piece: Obj, port: int, pods: Mapping[tuple[str, str], Obj]) -> list[Endpoint]:
    namespace = namespace_of(piece)
    found = []
    for each in items(piece, "endpoints"):
        if at(each, "conditions.ready") is False:
            continue
        pod = pods.get((namespace, text(each, "targetRef.name")), {})
        found += [endpoint_of(pod, ip, port, namespace) for ip in words(each, "addresses")]
    return found


def endpoint_of(pod: Obj, ip: str, port: int, namespace: str = "") -> Endpoint:
    """Return an endpoint at an address, with what is known of the pod behind it."""
    namespace = namespace_of(pod) or namespace
    workload = Workload.of(pod)
    described = f"{workload.name};{namespace};{workload.canonical_name};"
    return Endpoint(
        ip,
        port,
        namespace,
        name_of(pod),
        labels_of(pod),
        text(pod, "spec.serviceAccountName", "default"),
        f"{described}{workload.canonical_revision};Kubernetes",
    )
