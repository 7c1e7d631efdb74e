"""Routes: what a VirtualService says, and the plain route to a Service where none says anything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from app.sandbox.istiod.envoy.clusters import name_of as cluster_name
from app.sandbox.istiod.envoy.hashing import hashed
from app.sandbox.istiod.envoy.headers import changes, cors, mirrors, redirected, rewritten
from app.sandbox.istiod.envoy.matches import described, is_catch_all, route_match
from app.sandbox.istiod.envoy.servers import qualified
from app.sandbox.istiod.envoy.shapes import http_filter, istio, seconds
from app.sandbox.istiod.hosts import full
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.rules import NETWORKING
from app.sandbox.objects import (
    Json,
    Obj,
    at,
    items,
    name_of,
    namespace_of,
    number,
    strings,
    table,
    text,
    words,
)

RETRY_ON = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"
OTHER_HOSTS: Obj = {
    "name": "envoy.retry_host_predicates.previous_hosts",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3."
        "PreviousHostsPredicate"
    },
}
MILLION = 1_000_000
GRPC = {name: number for number, name in enumerate(
    ("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
     "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
     "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED")
)}  # fmt: skip
STATUSES = frozenset(int(status) for status in HTTPStatus)


@dataclass(frozen=True)
class Caller:
    """Who asks: its namespace and labels, and the gateways it is one of (`mesh` of a sidecar)."""

    namespace: str
    labels: Mapping[str, str]
    gateways: frozenset[str] = frozenset({"mesh"})


def plain(host: str, port: int) -> Obj:
    """Return the route to a Service that no VirtualService is for."""
    return {
        "name": "default",
        "match": {"prefix": "/"},
        "route": {
            "cluster": cluster_name(port, "", host),
            "timeout": "0s",
            "retry_policy": retry_policy(None),
            "max_grpc_timeout": "0s",
        },
        "decorator": {"operation": f"{host}:{port}/*"},
    }


def passing() -> Obj:
    """Return the route of what the mesh does not know."""
    action: Obj = {"cluster": "PassthroughCluster", "timeout": "0s", "max_grpc_timeout": "0s"}
    return {"name": "allow_any", "match": {"prefix": "/"}, "route": action}


def of(mesh: Mesh, source: Obj, port: int, caller: Caller) -> list[Obj]:
    """Return the routes of a VirtualService for requests to a port, in its order.

    What comes after a route for everything is left out, and what is not for this caller.
    """
    routes = []
    for rule in items(source, "spec.http"):
        matches: list[Obj | None] = [*items(rule, "match")] or [None]
        for match in matches:
            if not _is_for(match, port, caller):
                continue
            route = _route(mesh, source, rule, match, port)
            routes.append(hashed(mesh, caller.namespace, route))
            if is_catch_all(route):
                return routes
    return routes


def _is_for(match: Obj | None, port: int, caller: Caller) -> bool:
    if match is None:
        return True
    if at(match, "port") not in (None, 0, port):
        return False
    gateways = words(match, "gateways")
    if gateways:
        return bool(caller.gateways & {qualified(name, caller.namespace) for name in gateways})
    labels = strings(match, "sourceLabels")
    if any(caller.labels.get(key) != value for key, value in labels.items()):
        return False
    return text(match, "sourceNamespace") in ("", caller.namespace)


def _route(mesh: Mesh, source: Obj, rule: Obj, match: Obj | None, port: int) -> Obj:
    namespace = namespace_of(source)
    origin = f"/apis/{NETWORKING}/v1/namespaces/{namespace}/virtual-service/{name_of(source)}"
    name = ".".join(
        filter(None, (text(rule, "name"), text(match, "name") if match is not None else ""))
    )
    route: Obj = {"name": name} if name else {}
    route["match"] = route_match(match)
    if table(rule, "redirect"):
        route["redirect"] = redirected(table(rule, "redirect"), port)
    elif table(rule, "directResponse"):
        route["direct_response"] = _direct(table(rule, "directResponse"))
    else:
        route["route"] = _action(mesh, rule, namespace, port)
        route["decorator"] = {"operation": _operation(mesh, rule, route, namespace, port)}
    route["metadata"] = istio(config=origin)
    route.update(changes(table(rule, "headers")))
    if len(items(rule, "route")) == 1:
        for key, more in changes(table(items(rule, "route")[0], "headers")).items():
            said = route.get(key)
            route[key] = [*(said if isinstance(said, list) else []), *more]
    filters: Obj = {}
    if table(rule, "fault"):
        filters["envoy.filters.http.fault"] = fault(table(rule, "fault"))
    if table(rule, "corsPolicy"):
        filters["envoy.filters.http.cors"] = cors(table(rule, "corsPolicy"))
    if filters:
        route["typed_per_filter_config"] = filters
    return route


def _action(mesh: Mesh, rule: Obj, namespace: str, port: int) -> Obj:
    timeout = text(rule, "timeout")
    action: Obj = {**_destination(mesh, rule, namespace, port)}
    action["timeout"] = action["max_grpc_timeout"] = seconds(timeout) if timeout else "0s"
    retries = rule.get("retries")
    policy = retry_policy(retries if isinstance(retries, dict) else None)
    if policy:
        action["retry_policy"] = policy
    action.update(rewritten(rule))
    copies = mirrors(rule, lambda each: cluster_of(mesh, each, namespace, port))
    if copies:
        action["request_mirror_policies"] = copies
    return action


def _destination(mesh: Mesh, rule: Obj, namespace: str, port: int) -> Obj:
    """Return the cluster, or clusters by weight; weight 0 among several is left out."""
    routes = items(rule, "route")
    if len(routes) == 1:
        return {"cluster": cluster_of(mesh, table(routes[0], "destination"), namespace, port)}
    clusters: list[Json] = [
        {
            "name": cluster_of(mesh, table(each, "destination"), namespace, port),
            "weight": number(each, "weight"),
            **changes(table(each, "headers")),
        }
        for each in routes
        if number(each, "weight")
    ]
    return {"weighted_clusters": {"clusters": clusters}}


def cluster_of(mesh: Mesh, destination: Obj, namespace: str, port: int) -> str:
    """Return the cluster that a destination names, be there one or not.

    Its port is the one it says, else the Service's only one, else that of the request.
    """
    host = full(text(destination, "host"), namespace)
    service = mesh.by_host.get(host)
    if number(destination, "port.number"):
        port = number(destination, "port.number")
    elif service is not None and len(service.ports) == 1:
        port = service.ports[0].number
    return cluster_name(port, text(destination, "subset"), host)


def _operation(mesh: Mesh, rule: Obj, route: Obj, namespace: str, port: int) -> str:
    routes = items(rule, "route")
    hosts = [full(text(each, "destination.host"), namespace) for each in routes]
    if len(routes) == 1:
        cluster = cluster_of(mesh, table(routes[0], "destination"), namespace, port)
        return f"{hosts[0]}:{cluster.split('|')[1]}{described(route)}"
    return f"{text(routes[0], 'destination.host') if routes else ''}:{port}{described(route)}"


def retry_policy(retries: Obj | None) -> Obj:
    """Return how often is tried again, and when; empty where attempts are 0 or fewer.

    Without a word two retries, of what has not reached the other side.
    """
    policy: Obj = {
        "retry_on": RETRY_ON,
        "num_retries": 2,
        "retry_host_predicate": [OTHER_HOSTS],
        "host_selection_retry_max_attempts": 5,
    }
    if retries is None:
        return policy
    if number(retries, "attempts") <= 0:
        return {}
    policy["num_retries"] = number(retries, "attempts")
    if text(retries, "retryOn"):
        said = [word.strip() for word in text(retries, "retryOn").split(",") if word.strip()]
        codes = [int(word) for word in said if word.isdigit() and int(word) in STATUSES]
        conditions = [word for word in said if not (word.isdigit() and int(word) in STATUSES)]
        if codes and "retriable-status-codes" not in conditions:
            conditions.append("retriable-status-codes")
        policy["retry_on"] = ",".join(conditions)
        if codes:
            policy["retriable_status_codes"] = [*codes]
    if text(retries, "perTryTimeout"):
        policy["per_try_timeout"] = seconds(text(retries, "perTryTimeout"))
    if retries.get("retryIgnorePreviousHosts") is False:
        del policy["retry_host_predicate"]
    if text(retries, "backoff"):
        policy["retry_back_off"] = {"base_interval": seconds(text(retries, "backoff"))}
    return policy


def fault(asked: Obj) -> Obj:
    """Return the configuration of the fault filter for a route."""
    filter_ = http_filter("fault", "HTTPFault")["typed_config"]
    assert isinstance(filter_, dict)
    made: Obj = {**filter_}
    delay, abort = table(asked, "delay"), table(asked, "abort")
    if text(delay, "fixedDelay"):
        made["delay"] = {
            "fixed_delay": seconds(text(delay, "fixedDelay")),
            "percentage": fraction(delay),
        }
    if number(abort, "httpStatus"):
        made["abort"] = {"http_status": number(abort, "httpStatus"), "percentage": fraction(abort)}
    elif text(abort, "grpcStatus"):
        status = GRPC.get(text(abort, "grpcStatus").upper(), 2)
        made["abort"] = {"grpc_status": status, "percentage": fraction(abort)}
    return made


def fraction(asked: Obj) -> Obj:
    """Return a percentage as Envoy's parts of a million; the old `percent` of a hundred.

    Without one it is none: Istio 1.31 was seen to abort nothing then, whatever its reference says.
    """
    share = at(asked, "percentage.value")
    if not isinstance(share, int | float):
        if "percentage" not in asked and "percent" in asked:
            return {"numerator": number(asked, "percent"), "denominator": "HUNDRED"}
        share = 0
    return {"numerator": int(share * MILLION / 100), "denominator": "MILLION"}


def _direct(asked: Obj) -> Obj:
    body = text(asked, "body.string")
    return {
        "status": number(asked, "status"),
        **({"body": {"inline_string": body}} if body else {}),
    }


def virtual_host(name: str, domains: list[str], routes: Iterator[Obj] | list[Obj]) -> Obj:
    """Return a virtual host; how often was tried is told to the other side."""
    return {
        "name": name,
        "domains": [*domains],
        "routes": list[Json](routes),
        "include_request_attempt_count": True,
    }


def configuration(name: str, hosts: list[Obj]) -> Obj:
    """Return a route configuration."""
    return {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": name,
        "virtual_hosts": list[Json](hosts),
        "validate_clusters": False,
        "max_direct_response_body_size_bytes": 1048576,
        "ignore_port_in_host_matching": True,
    }
