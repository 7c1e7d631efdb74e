"""A pod, and the Services that select it."""

import json
from collections.abc import Iterator

from app.sandbox.istioctl.analyze.injection import proxy_image
from app.sandbox.istioctl.analyze.workloads import PROTOCOLS, SPOKEN, WELL_KNOWN
from app.sandbox.istioctl.describe.naming import Scene, target_port
from app.sandbox.objects import Obj, annotations_of, at, items, labels_of, number, text

UID = 1337
NAMES = ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
REVISIONS = ("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
REQUIREMENTS = "https://istio.io/v1.31/docs/ops/deployment/requirements/"
OF_PROTOCOL = {
    "kubernetes.io/h2c": "HTTP2",
    "kubernetes.io/ws": "HTTP",
    "kubernetes.io/wss": "HTTPS",
}
WRITTEN = {"mongo": "Mongo", "redis": "Redis", "mysql": "MySQL"}


def pod_lines(scene: Scene, pod: Obj, *, is_quiet: bool) -> Iterator[str]:
    """Yield what is said of a pod itself; quiet: nothing of a missing sidecar."""
    for container in items(pod, "spec.containers"):
        is_application = text(container, "name") not in ("istio-proxy", "istio-operator")
        if is_application and at(container, "securityContext.runAsUser") == UID:
            yield "WARNING: User ID (UID) 1337 is reserved for the sidecar proxy."
    yield f"Pod: {scene.named(pod)}"
    yield f"   Pod Revision: {revision_of(pod)}"
    ports = ", ".join(_ports(pod))
    yield f"   Pod Ports: {ports}" if ports else "   Pod does not expose ports"
    phase = text(pod, "status.phase")
    if phase != "Running":
        yield f"   Pod is not Running ({phase})"
        return
    yield from _unready(scene, pod)
    if is_quiet:
        return
    if not proxy_image(dict(_spec(pod))):
        yield f"WARNING: {scene.named(pod)} is not part of mesh; no Istio sidecar"
        return
    if at(pod, "spec.securityContext.runAsUser") == UID:
        yield "   WARNING: User ID (UID) 1337 is reserved for the sidecar proxy."
    labels = labels_of(pod)
    for what, keys in (("name", NAMES), ("revision", REVISIONS)):
        if not any(labels.get(key) for key in keys):
            yield (
                f"Suggestion: add required service {what} label for Istio telemetry. "
                f"See {REQUIREMENTS}."
            )


def _spec(pod: Obj) -> Obj:
    spec = pod.get("spec")
    return spec if isinstance(spec, dict) else {}


def revision_of(pod: Obj) -> str:
    """Return the revision of the control plane that injected a pod."""
    annotations = annotations_of(pod)
    if "istio.io/rev" in annotations:
        return annotations["istio.io/rev"]
    try:
        return text(json.loads(annotations.get("sidecar.istio.io/status", "")), "revision")
    except ValueError:
        return ""


def _ports(pod: Obj) -> Iterator[str]:
    for container in items(pod, "spec.containers"):
        for port in items(container, "ports"):
            protocol = text(port, "protocol", "TCP")
            shown = "" if protocol == "TCP" else f"/{protocol}"
            yield f"{number(port, 'containerPort')}{shown} ({text(container, 'name')})"


def _unready(scene: Scene, pod: Obj) -> Iterator[str]:
    for field, kind in (
        ("containerStatuses", "Container"),
        ("initContainerStatuses", "Init Container"),
    ):
        for status in items(pod, f"status.{field}"):
            if status.get("ready") is not True:
                yield f"WARNING: Pod {scene.named(pod)} {kind} {text(status, 'name')} NOT READY"


def service_lines(scene: Scene, service: Obj, pod: Obj) -> Iterator[str]:
    """Yield a Service and where each of its ports leads in the pod."""
    yield f"Service: {scene.named(service)}"
    for port in items(service, "spec.ports"):
        if text(port, "protocol") != "TCP":
            continue
        target = target_port(pod, port)
        if target is None:
            yield f"   no suitable port for manifest: {text(pod, 'metadata.uid')}"
        else:
            name, own = text(port, "name"), number(port, "port")
            yield f"   Port: {name} {own}/{protocol_of(port)} targets pod port {target}"


def protocol_of(port: Obj) -> str:
    """Return the protocol that a port's name or appProtocol says."""
    spoken, name = text(port, "appProtocol"), text(port, "name")
    if not name and not spoken:
        return "auto-detect"
    if spoken in SPOKEN:
        return OF_PROTOCOL[spoken]
    told = (spoken or name).lower()
    if told.startswith("grpc-web"):
        return "GRPC-Web"
    first = told.partition("-")[0]
    if first in PROTOCOLS:
        return WRITTEN.get(first, first.upper())
    return "TCP" if number(port, "port") in WELL_KNOWN else "UnsupportedProtocol"
