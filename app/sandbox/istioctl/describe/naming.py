"""How describe names things, and the few facts that several of its parts need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.sandbox.istioctl.analyze.labels import matches
from app.sandbox.istioctl.proxy_config.dump import Dump
from app.sandbox.objects import Obj, at, items, name_of, namespace_of, number, table, text, words
from app.sandbox.store.store import Store

RULE = "-" * 20
SUFFIX = ".svc.cluster.local"


@dataclass(frozen=True)
class Scene:
    """The cluster, and the namespace in which names need no namespace."""

    store: Store
    namespace: str
    istio_namespace: str

    def named(self, obj: Obj) -> str:
        """Return an object's name, with its namespace where it is another one."""
        namespace = namespace_of(obj)
        return name_of(obj) if namespace == self.namespace else f"{name_of(obj)}.{namespace}"


def full_host(host: str, namespace: str) -> str:
    """Return a host of a rule in a namespace with its domain."""
    if host.startswith("*"):
        return host
    named = host if "." in host else f"{host}.{namespace}"
    return named if named.endswith(SUFFIX) else f"{named}{SUFFIX}"


def host_of(service: Obj) -> str:
    """Return a Service's host."""
    return f"{name_of(service)}.{namespace_of(service)}{SUFFIX}"


def subsets(rule: Obj | None, pods: Sequence[dict[str, str]]) -> tuple[list[str], list[str]]:
    """Return a DestinationRule's subsets that select one of the pods, and the others."""
    taken, left = list[str](), list[str]()
    for subset in items(rule, "spec.subsets"):
        labels = {k: str(v) for k, v in table(subset, "labels").items()}
        is_taken = any(matches(labels, pod) for pod in pods)
        (taken if is_taken else left).append(text(subset, "name"))
    return taken, left


def source_of(config: str, kind: str) -> tuple[str, str] | None:
    """Return namespace and name of the object of a kind that a part of a proxy was made from."""
    pattern = rf"/apis/networking(?:\.istio\.io)?/v1(?:alpha3)?/namespaces/([^/]+)/{kind}/([^/]+)"
    found = re.search(pattern, config)
    return (found[1], found[2]) if found else None


def config_of(obj: Obj) -> str:
    """Return the path that Istio notes on what it makes of its objects."""
    metadata = table(obj, "metadata.filter_metadata")
    istio = metadata.get("istio")
    return text(istio, "config") if isinstance(istio, dict) else ""


def destination_rule_of(dump: Dump, service: Obj, port: int) -> tuple[str, str] | None:
    """Return the DestinationRule that a proxy follows for a Service's port."""
    for cluster in dump.clusters():
        name = text(cluster, "name")
        asked = (host_of(service), f"|{port}|", "outbound")
        if all(part in name for part in asked) and "metadata" in cluster:
            return source_of(config_of(cluster), "destination-rule")
    return None


def virtual_service_of(dump: Dump, service: Obj, port: int) -> tuple[str, str] | None:
    """Return the VirtualService that a proxy follows for a Service's port."""
    for config in dump.routes():
        name = text(config, "name")
        if name != str(port) and not name.startswith(("http.", "https.")):
            continue
        for host in items(config, "virtual_hosts"):
            for route in items(host, "routes"):
                if _leads_to(route, host, service, port):
                    return source_of(config_of(route), "virtual-service")
    return None


def _leads_to(route: Obj, host: Obj, service: Obj, port: int) -> bool:
    own = host_of(service)
    if own in words(host, "domains"):
        return True
    weighted = items(route, "route.weighted_clusters.clusters")
    cluster = text(weighted[0], "name") if weighted else text(route, "route.cluster")
    parts = cluster.split("|")
    return len(parts) == 4 and parts[:2] == ["outbound", str(port)] and parts[3] == own


def target_port(pod: Obj, port: Obj) -> int | None:
    """Return the pod's port that a Service's port means; None where a name finds none."""
    target = at(port, "targetPort")
    if not isinstance(target, str):
        return number(port, "targetPort")
    native = [c for c in items(pod, "spec.initContainers") if c.get("restartPolicy") == "Always"]
    for container in (*items(pod, "spec.containers"), *native):
        for own in items(container, "ports"):
            if text(own, "name") == target and text(own, "protocol", "TCP") == text(
                port, "protocol"
            ):
                return number(own, "containerPort")
    return None
