"""Clusters: where requests may go, how many at once, and who is left out when it fails."""

from collections.abc import Iterator

from app.sandbox.istiod.envoy import tls
from app.sandbox.istiod.envoy.shapes import (
    ADS,
    CONFIG,
    HTTP_OPTIONS,
    istio,
    seconds,
    told,
    typed,
)
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.rules import Rule
from app.sandbox.istiod.services import AUTO, Port, Service
from app.sandbox.objects import Json, Obj, items, number, table, text
from app.sandbox.proxy.display import TOLD

UNLIMITED = 4294967295
LOAD_BALANCERS = {"ROUND_ROBIN": "ROUND_ROBIN", "RANDOM": "RANDOM"}
SAME_PROTOCOL: Obj = {"http_protocol_options": {}, "http2_protocol_options": {}}


def name_of(port: int, subset: str, host: str) -> str:
    """Return the name of a destination's cluster."""
    return f"outbound|{port}|{subset}|{host}"


def outbound(mesh: Mesh, namespace: str, *, is_telling: bool = False) -> Iterator[Obj]:
    """Yield the clusters of every Service, as a proxy in a namespace has them.

    `is_telling`: the proxy tells other proxies the address of its own pod.
    """
    for cluster in _outbound(mesh, namespace):
        yield telling(cluster) if is_telling else cluster


def telling(cluster: Obj) -> Obj:
    """Return a cluster whose connections to proxies begin with the caller's address.

    Those to programs without a proxy do not: they would not understand it.
    """
    matches = items(cluster, "transport_socket_matches")
    socket = table(cluster, "transport_socket")
    if socket:
        is_mutual = "combined_validation_context" in str(socket)
        return {**cluster, "transport_socket": told(socket)} if is_mutual else cluster
    found: list[Json] = [
        {**each, "transport_socket": told(table(each, "transport_socket"))}
        for each in matches
        if each.get("match")
    ]
    found.append({"name": "told", "match": {TOLD: "yes"}, "transport_socket": told(tls.RAW)})
    found.append({"name": "tlsMode-disabled", "match": {}, "transport_socket": tls.RAW})
    return {**cluster, "transport_socket_matches": found}


def _outbound(mesh: Mesh, namespace: str) -> Iterator[Obj]:
    for service in sorted(mesh.services, key=lambda each: each.host):
        if service.external_name:
            continue
        rule = mesh.rule(service.host, namespace)
        for port in service.ports:
            if port.protocol == "udp":
                continue
            yield _cluster(mesh, service, port, rule, None)
            for subset in rule.subsets:
                yield _cluster(mesh, service, port, rule, subset)


def _cluster(mesh: Mesh, service: Service, port: Port, rule: Rule, subset: Obj | None) -> Obj:
    label = text(subset, "name") if subset else ""
    name = name_of(port.number, label, service.host)
    policy = rule.policy(port.number, subset)
    pool = table(policy, "connectionPool")
    services: list[Json] = [
        {"host": service.host, "name": service.name, "namespace": service.namespace}
    ]
    cluster: Obj = {
        "@type": f"{CONFIG}.cluster.v3.Cluster",
        **_security(mesh, service, port, policy, label),
        "name": name,
        "alt_stat_name": f"{name};",
        "type": "EDS",
        "eds_cluster_config": {"eds_config": ADS, "service_name": name},
        **_limits(pool),
        **_balancing(table(policy, "loadBalancer")),
        **_protocol(port, pool),
        **outlier_detection(table(policy, "outlierDetection")),
        "metadata": istio(config=rule.config, services=services, subset=label),
    }
    return cluster


def _security(mesh: Mesh, service: Service, port: Port, policy: Obj, subset: str) -> Obj:
    asked = table(policy, "tls")
    accounts = service.accounts()
    if asked:
        socket = tls.chosen(asked, service.host, port.number, subset, accounts)
        return {"transport_socket": socket} if socket else {}
    if not mesh.has_auto_mtls or service.is_external:
        return {}
    socket = tls.mutual(service.host, port.number, subset, accounts)
    return {"transport_socket_matches": tls.automatic(socket)}


def _limits(pool: Obj) -> Obj:
    """Return time to connect and circuit breakers; without settings all is allowed."""
    connect = text(pool, "tcp.connectTimeout")
    return {
        "connect_timeout": seconds(connect) if connect else "10s",
        "circuit_breakers": {"thresholds": [thresholds(pool)]},
    }


def thresholds(pool: Obj) -> Obj:
    """Return the circuit breakers of a connectionPool."""
    return {
        "max_connections": number(pool, "tcp.maxConnections") or UNLIMITED,
        "max_pending_requests": number(pool, "http.http1MaxPendingRequests") or UNLIMITED,
        "max_requests": number(pool, "http.http2MaxRequests") or UNLIMITED,
        "max_retries": number(pool, "http.maxRetries") or UNLIMITED,
    }


def _balancing(asked: Obj) -> Obj:
    simple = text(asked, "simple")
    hashed = table(asked, "consistentHash")
    if hashed:
        size = number(hashed, "ringHash.minimumRingSize", number(hashed, "minimumRingSize"))
        return {
            "lb_policy": "RING_HASH",
            "ring_hash_lb_config": {"minimum_ring_size": size or 1024},
        }
    chosen = LOAD_BALANCERS.get(simple, "LEAST_REQUEST")
    return {} if chosen == "ROUND_ROBIN" else {"lb_policy": chosen}


def options(pool: Obj) -> Obj:
    """Return what a connectionPool says of single connections."""
    found: Obj = {}
    idle = text(pool, "http.idleTimeout") or text(pool, "tcp.idleTimeout")
    if idle:
        found["idle_timeout"] = seconds(idle)
    if number(pool, "http.maxRequestsPerConnection"):
        found["max_requests_per_connection"] = number(pool, "http.maxRequestsPerConnection")
    longest = text(pool, "tcp.maxConnectionDuration")
    if longest:
        found["max_connection_duration"] = seconds(longest)
    return found


def http_options(common: Obj, *, protocol: str) -> Obj:
    """Return the cluster's field of HTTP options; `protocol` is `same`, `http2` or empty."""
    said: Obj = {"common_http_protocol_options": common} if common else {}
    if protocol == "same":
        said["use_downstream_protocol_config"] = SAME_PROTOCOL
    elif protocol == "http2":
        said["explicit_http_config"] = {"http2_protocol_options": {}}
    elif common:
        said["explicit_http_config"] = {"http_protocol_options": {}}
    if not said:
        return {}
    message = typed("upstreams.http.v3.HttpProtocolOptions", **said)
    return {"typed_extension_protocol_options": {HTTP_OPTIONS: message}}


def _protocol(port: Port, pool: Obj) -> Obj:
    is_same = port.protocol == AUTO or table(pool, "http").get("useClientProtocol") is True
    is_upgraded = text(pool, "http.h2UpgradePolicy") == "UPGRADE"
    is_http2 = port.protocol in ("http2", "grpc") or is_upgraded
    return http_options(options(pool), protocol="same" if is_same else "http2" if is_http2 else "")


def outlier_detection(asked: Obj) -> Obj:
    """Return who is left out when, and that nobody is let in again to fill a quorum."""
    panic: Obj = {"common_lb_config": {"healthy_panic_threshold": {}}}
    if not asked:
        return panic
    found: Obj = {"enforcing_success_rate": 0}
    for word, count, enforced in (
        ("consecutive5xxErrors", "consecutive_5xx", "enforcing_consecutive_5xx"),
        ("consecutiveGatewayErrors", "consecutive_gateway_failure",
         "enforcing_consecutive_gateway_failure"),
    ):  # fmt: skip
        if word in asked:
            found[count] = number(asked, word)
            found[enforced] = 100 if number(asked, word) else 0
    for word, field in (("interval", "interval"), ("baseEjectionTime", "base_ejection_time")):
        if text(asked, word):
            found[field] = seconds(text(asked, word))
    if number(asked, "maxEjectionPercent"):
        found["max_ejection_percent"] = number(asked, "maxEjectionPercent")
    if asked.get("splitExternalLocalOriginErrors") is True:
        found["split_external_local_origin_errors"] = True
        found["enforcing_local_origin_success_rate"] = 0
        if number(asked, "consecutiveLocalOriginFailures"):
            found["consecutive_local_origin_failure"] = number(
                asked, "consecutiveLocalOriginFailures"
            )
            found["enforcing_consecutive_local_origin_failure"] = 100
    least = number(asked, "minHealthPercent")
    if least:
        panic = {"common_lb_config": {"healthy_panic_threshold": {"value": float(least)}}}
    return {"outlier_detection": found, **panic}
