"""What an EnvoyFilter may say; its schema has refused wrong words before."""

import re
from typing import Final

from app.sandbox.istiod.admission.findings import Findings
from app.sandbox.objects import Json, Obj, items, strings, table, text
from app.sandbox.proxy.protobuf import NotEncodable, message

INTERNAL: Final = (
    "EnvoyFilter exposes internal implementation details that may change at any time. Prefer "
    "other APIs if possible, and exercise extreme caution, especially around upgrades."
)
ROUTE, LISTENER = "envoy.config.route.v3", "envoy.config.listener.v3"
MANAGER: Final = "envoy.extensions.filters.network.http_connection_manager.v3"
TYPES: Final = {
    "CLUSTER": "envoy.config.cluster.v3.Cluster",
    "LISTENER": f"{LISTENER}.Listener",
    "FILTER_CHAIN": f"{LISTENER}.FilterChain",
    "NETWORK_FILTER": f"{LISTENER}.Filter",
    "LISTENER_FILTER": f"{LISTENER}.ListenerFilter",
    "HTTP_FILTER": f"{MANAGER}.HttpFilter",
    "ROUTE_CONFIGURATION": f"{ROUTE}.RouteConfiguration",
    "VIRTUAL_HOST": f"{ROUTE}.VirtualHost",
    "HTTP_ROUTE": f"{ROUTE}.Route",
}
NAMED: Final = ("NETWORK_FILTER", "LISTENER_FILTER", "HTTP_FILTER")  # each needs a typed_config
OBJECTS: Final = ("listener", "routeConfiguration", "cluster", "waypoint")
CLASSES: Final = {
    **dict.fromkeys(
        ("LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"),
        ("listener", "listener class objects cannot have non listener match"),
    ),
    **dict.fromkeys(
        ("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"),
        (
            "routeConfiguration",
            "http route class objects cannot have non route configuration match",
        ),
    ),
    "CLUSTER": ("cluster", "cluster class objects cannot have non cluster match"),
}
TYPED: Final = "type.googleapis.com/"


def envoy_filter(obj: Obj, found: Findings) -> None:
    """Check an EnvoyFilter."""
    spec = table(obj, "spec")
    for key, value in strings(spec, "workloadSelector.labels").items():
        if not key:
            found.error(f'empty key is not supported in selector: "{key}={value}"')
        if "*" in key or "*" in value:
            found.error(f'wildcard is not supported in selector: "{key}={value}"')
    if found.errors:
        return
    found.warning(INTERNAL)
    if "workloadSelector" in spec and not strings(spec, "workloadSelector.labels"):
        said = "workload selector specified without labels"
        found.warning(f"Envoy filter: {said}, will be applied to all services in namespace")
    for patch in items(spec, "configPatches"):
        trouble = _patch(patch, found)
        if trouble:
            found.error(f"Envoy filter: {trouble}")


def _patch(patch: Obj, found: Findings) -> str:
    """Return what is wrong with a patch so that nothing else of it is looked at."""
    if text(patch, "match.context") == "WAYPOINT":
        return ""
    applied, operation = text(patch, "applyTo"), text(patch, "patch.operation")
    if applied in ("", "INVALID"):
        return "missing applyTo"
    if "patch" not in patch:
        return "missing patch"
    if operation in ("", "INVALID"):
        return "missing patch operation"
    value = table(patch, "patch").get("value")
    if operation != "REMOVE" and value is None:
        return "missing patch value for non-remove operation"
    objects = [name for name in OBJECTS if name in table(patch, "match")]
    wanted, trouble = CLASSES.get(applied, ("", ""))
    if wanted and objects and wanted not in objects:
        return f"applyTo for {trouble}"
    said = _listener(applied, table(patch, "match.listener.filterChain"), found)
    if not said and isinstance(value, dict):
        _value(applied, value, found)
    return said


def _listener(applied: str, chain: Obj, found: Findings) -> str:
    """Return what is wrong with the filter that a patch looks for."""
    if "filter" not in chain:
        return ""
    if applied in ("LISTENER", "FILTER_CHAIN"):
        found.warning(f"Envoy filter: filter match has no effect when used with {applied}")
    if not text(chain, "filter.name"):
        return "filter match has no name to match on"
    if "subFilter" not in table(chain, "filter"):
        return ""
    if applied != "HTTP_FILTER":
        return "subfilter match can be used with applyTo HTTP_FILTER only"
    manager = "envoy.filters.network.http_connection_manager"
    if text(chain, "filter.name") not in (manager, "envoy.http_connection_manager"):
        return f"subfilter match requires filter match with {manager}"
    if not text(chain, "filter.subFilter.name"):
        return "subfilter match has no name to match on"
    return ""


def _value(applied: str, value: Obj, found: Findings) -> None:
    """Check a patch's value as far as the types of Envoy's messages are known here."""
    name = TYPES.get(applied)
    if name is None:
        return
    try:
        message(name, _underscored(value))
    except NotEncodable as error:
        unknown = re.fullmatch(r"(\S+) has no field (\S+)", str(error))
        if unknown is not None:
            found.warning(f'Envoy filter: unknown field "{unknown[2]}" in {unknown[1]}')
            return
        strange = text(value, "typed_config.@type") or text(value, "typedConfig.@type")
        if strange and not strange.startswith((f"{TYPED}envoy.", f"{TYPED}udpa.", f"{TYPED}xds.")):
            found.error(
                "referenced type unknown: Envoy filter: could not resolve Any message type: "
                f"{strange}"
            )
            return
    keys = {re.sub("_", "", key).lower() for key in value}
    if applied in NAMED and not keys & {"typedconfig", "configdiscovery"}:
        called = text(value, "name")
        found.warning(f"using deprecated types by name without typed_config; {called}")


def _underscored(value: Json) -> Json:
    """Return a message's JSON with its fields' names as the protos write them."""
    if isinstance(value, list):
        return [_underscored(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        re.sub(r"(?<=[a-z0-9])[A-Z]", lambda m: f"_{m[0].lower()}", key): _underscored(each)
        for key, each in value.items()
    }
