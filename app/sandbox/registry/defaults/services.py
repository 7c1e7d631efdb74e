"""Defaults of Services and of EndpointSlices."""

from app.sandbox.objects import Obj, items, table, text
from app.sandbox.registry.defaults.filling import fill, inner


def fill_service(obj: Obj) -> None:
    """Fill in a Service; its addresses are given by the allocator."""
    spec = inner(obj, "spec")
    fill(spec, type="ClusterIP", sessionAffinity="None")
    if spec["sessionAffinity"] == "ClientIP":
        fill(inner(inner(spec, "sessionAffinityConfig"), "clientIP"), timeoutSeconds=10800)
    for port in items(spec, "ports"):
        fill(port, protocol="TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    if spec["type"] == "ExternalName":
        return
    fill(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)


def fill_slice(obj: Obj) -> None:
    """Fill in an EndpointSlice."""
    for port in items(obj, "ports"):
        fill(port, name="", protocol="TCP")


def is_headless(service: Obj) -> bool:
    """Whether a Service has no address of its own."""
    return text(service, "spec.clusterIP") == "None" or not table(service, "spec")
