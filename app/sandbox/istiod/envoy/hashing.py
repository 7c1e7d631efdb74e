"""By what of a request a consistent hash finds its endpoint, as a DestinationRule says."""

from app.sandbox.istiod.envoy.shapes import seconds
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Json, Obj, items, table, text


def hashed(mesh: Mesh, namespace: str, route: Obj) -> Obj:
    """Return a route with the hash policies of its destinations, as a caller's namespace has them.

    A redirect or an answer of the proxy's own stays as it is.
    """
    action = table(route, "route")
    names = [
        text(action, "cluster"),
        *(text(each, "name") for each in items(action, "weighted_clusters.clusters")),
    ]
    found: list[Json] = []
    for name in filter(None, names):
        found += [policy for policy in _policies(mesh, namespace, name) if policy not in found]
    return {**route, "route": {**action, "hash_policy": found}} if found else route


def _policies(mesh: Mesh, namespace: str, cluster: str) -> list[Obj]:
    parts = cluster.split("|")
    if len(parts) != 4:
        return []
    _, port, label, host = parts
    rule = mesh.rule(host, namespace)
    subset = next((each for each in rule.subsets if text(each, "name") == label), None)
    asked = table(rule.policy(int(port), subset), "loadBalancer.consistentHash")
    if text(asked, "httpHeaderName"):
        return [{"header": {"header_name": text(asked, "httpHeaderName")}}]
    if text(asked, "httpQueryParameterName"):
        return [{"query_parameter": {"name": text(asked, "httpQueryParameterName")}}]
    if table(asked, "httpCookie"):
        cookie = table(asked, "httpCookie")
        made: Obj = {"name": text(cookie, "name")}
        if text(cookie, "ttl"):
            made["ttl"] = seconds(text(cookie, "ttl"))
        if text(cookie, "path"):
            made["path"] = text(cookie, "path")
        return [{"cookie": made}]
    if asked.get("useSourceIp") is True:
        return [{"connection_properties": {"source_ip": True}}]
    return []
