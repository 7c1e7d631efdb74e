"""The Service behind a host name, and the pods that answer for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.checks.inforce import DOMAIN, full_name
from app.clusters.cluster import Cluster
from app.clusters.objects import Object, matches
from app.clusters.pods import readiness


@dataclass(frozen=True)
class Backend:
    """A host by its full name, its Service (None: there is none) and the Service's ready pods."""

    host: str
    namespace: str
    service: Object | None
    pods: tuple[Object, ...] = ()

    @property
    def ports(self) -> list[int]:
        """The Service's ports."""
        parts = self.service.parts("spec.ports") if self.service else []
        return [int(part.number("port") or 0) for part in parts]

    @property
    def port(self) -> int:
        """The Service's first port, 80 where there is no Service."""
        return next(iter(self.ports), 80)

    def target_port(self, port: int, pod: Object) -> int:
        """Return the pod's port behind a port of the Service."""
        for part in self.service.parts("spec.ports") if self.service else []:
            if part.number("port") == port:
                return _numbered(part.text("targetPort") or str(port), pod, port)
        return port

    def selected(self, labels: dict[str, str]) -> list[Object]:
        """Return the ready pods that carry these labels too; all where there are none."""
        return [pod for pod in self.pods if not labels or matches(labels, pod.labels)]


async def backend(cluster: Cluster, host: str, namespace: str) -> Backend:
    """Return what is behind a host, as an object of this namespace names it."""
    name = full_name(host, namespace)
    service_name, service_namespace = place_of(name)
    service = await cluster.get("Service", service_name, service_namespace)
    if service is None:
        return Backend(name, service_namespace, None)
    pods = await cluster.list("Pod", service_namespace)
    return Backend(name, service_namespace, service, tuple(ready(pods, service)))


def ready(pods: Sequence[Object], service: Object) -> list[Object]:
    """Return the pods that a Service sends requests to."""
    selector = service.strings("spec.selector")
    return [
        pod
        for pod in pods
        if pod.namespace == service.namespace
        and matches(selector, pod.labels)
        and not pod.is_terminating
        and readiness(pod).is_all
    ]


def place_of(host: str) -> tuple[str, str]:
    """Return name and namespace of the Service that a full host name means."""
    name, _dot, rest = host.removesuffix(f".{DOMAIN}").partition(".")
    return name, rest.partition(".")[0]


def place_of_url(url: str) -> tuple[str, int]:
    """Return host and port of an address; a host that cluster DNS would complete comes in full."""
    parts = urlsplit(url)
    return _completed(parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80)


def _completed(host: str) -> str:
    labels = host.split(".")
    is_short = len(labels) == 2 or (len(labels) == 3 and labels[2] == "svc")
    return f"{labels[0]}.{labels[1]}.{DOMAIN}" if is_short else host


def ip_of(pod: Object) -> str:
    """Return the pod's address."""
    return pod.text("status.podIP")


def _numbered(target: str, pod: Object, port: int) -> int:
    if target.isdigit():
        return int(target)
    for container in pod.parts("spec.containers"):
        for part in container.parts("ports"):
            if part.text("name") == target:
                return int(part.number("containerPort") or port)
    return port
