"""Services and the Deployments behind them: port names, ports that disagree, user ids."""

from collections.abc import Iterator
from typing import Final

from app.sandbox.istioctl.analyze.injection import is_in_mesh
from app.sandbox.istioctl.analyze.messages import Message, listed, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.selected import Selecting
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, at, items, number, strings, table, text

PROTOCOLS: Final = frozenset(
    ["tcp", "udp", "grpc", "http", "http_proxy", "http2", "https", "tls", "mongo", "redis", "mysql"]
)
SPOKEN: Final = frozenset(("kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"))
# Ports of protocols where the server speaks first: Istio takes them as TCP without a name.
WELL_KNOWN: Final = frozenset((25, 3306, 27017))
MANAGED: Final = "gateway.istio.io/managed"
MANAGERS: Final = frozenset(
    ("istio.io-gateway-controller", "istio.io-mesh-controller", "istio.io-eastwest-controller")
)
PROXY_UID: Final = 1337
NOT_AN_APPLICATION: Final = ("istio-proxy", "istio-operator")


def port_names(snapshot: Snapshot) -> Iterator[Message]:
    """Yield ports whose name does not say their protocol."""
    for service in snapshot.all("Service"):
        if _is_control_plane(service) or service.labels.get(MANAGED) in MANAGERS:
            continue
        is_external = text(service.spec, "type") == "ExternalName"
        for i, port in enumerate(items(service.spec, "ports")):
            name = text(port, "name")
            if says_protocol(port) and not (name == "tcp" and is_external):
                continue
            line = service.line(f".spec.ports[{i}].port")
            if is_external:
                yield Message("IST0150", service, (), line)
            else:
                target = at(port, "targetPort")
                said = (name, str(number(port, "port")), str(0 if target is None else target))
                yield Message("IST0118", service, said, line)


def says_protocol(port: Obj) -> bool:
    """Whether a Service's port says which protocol it speaks."""
    if text(port, "protocol") == "UDP":
        return True
    spoken = text(port, "appProtocol")
    name = spoken or text(port, "name")
    if spoken in SPOKEN or name.lower().startswith("grpc-web"):
        return True
    is_known = name.partition("-")[0].lower() in PROTOCOLS
    return is_known or number(port, "port") in WELL_KNOWN


def _is_control_plane(resource: Resource) -> bool:
    return "istio" in resource.labels or resource.labels.get("release") == "istio"


def services_of_deployments(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Deployments whose Services disagree on a port's protocol or on a target's port."""
    selecting = Selecting(snapshot)
    for deployment in snapshot.all("Deployment"):
        template = table(deployment.spec, "template")
        meta, spec = table(template, "metadata"), table(template, "spec")
        is_waypoint = deployment.labels.get(MANAGED) == "istio.io-mesh-controller"
        if is_waypoint or not is_in_mesh(snapshot, deployment.namespace, meta, spec):
            continue
        services = selecting.find(deployment.namespace, strings(meta, "labels"))
        yield from _protocols(deployment, services)
        yield from _targets(deployment, services)


def _protocols(deployment: Resource, services: list[Resource]) -> Iterator[Message]:
    by_port = dict[int, dict[str, list[str]]]()
    for service in services:
        for port in items(service.spec, "ports"):
            protocols = by_port.setdefault(number(port, "port"), {})
            protocols.setdefault(text(port, "protocol", "TCP"), []).append(service.full_name)
    for number_, protocols in sorted(by_port.items()):
        if len(protocols) > 1:
            names = sorted(name for found in protocols.values() for name in found)
            said = (deployment.name, str(number_), listed(names))
            yield Message("IST0116", deployment, said, deployment.line(".metadata.name"))


def _targets(deployment: Resource, services: list[Resource]) -> Iterator[Message]:
    by_target = dict[str, dict[int, str]]()
    for service in services:
        for port in items(service.spec, "ports"):
            target = str(at(port, "targetPort") or number(port, "port"))
            by_target.setdefault(target, {})[number(port, "port")] = service.full_name
    for target, by_port in sorted(by_target.items()):
        if len(by_port) > 1:
            names, ports = listed(sorted(by_port.values())), listed(sorted(by_port))
            said = (deployment.name, names, quoted(target), ports)
            yield Message("IST0137", deployment, said, deployment.line(".metadata.name"))


def user_ids(snapshot: Snapshot) -> Iterator[Message]:
    """Yield pods and Deployments that run as the sidecar's user."""
    for pod in snapshot.all("Pod"):
        if not _is_control_plane(pod) and _runs_as_proxy(pod.spec):
            yield Message("IST0144", pod)
    for deployment in snapshot.all("Deployment"):
        spec = table(deployment.spec, "template.spec")
        if not _is_control_plane(deployment) and _runs_as_proxy(spec):
            yield Message("IST0144", deployment)


def _runs_as_proxy(spec: Obj) -> bool:
    own = [c for c in items(spec, "containers") if text(c, "name") not in NOT_AN_APPLICATION]
    return any(at(each, "securityContext.runAsUser") == PROXY_UID for each in (spec, *own))
