"""The HTTP connection manager, for each of the places where Istio puts one."""

from app.sandbox.istiod.envoy.shapes import ADS, extension, http_filter
from app.sandbox.objects import Json, Obj

NAME = "envoy.filters.network.http_connection_manager"
ROUTER = http_filter("router", "Router")
# Tells the other sidecar that HTTP comes, as Istio's own ALPN filter does, which is not in Envoy
ALPN = extension(
    "istio.alpn",
    "filters.http.set_filter_state.v3.Config",
    on_request_headers=[
        {
            "object_key": "envoy.network.application_protocols",
            "format_string": {"text_format_source": {"inline_string": "istio-http/1.1,istio"}},
            "shared_with_upstream": "ONCE",
        }
    ],
)
_COMMON: Obj = {
    "stream_idle_timeout": "0s",
    "proxy_100_continue": True,
    "upgrade_configs": [{"upgrade_type": "websocket"}],
    "normalize_path": True,
    "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
}


def _manager(stat_prefix: str, filters: list[Json], log: list[Json], more: Obj) -> Obj:
    return extension(
        NAME,
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=f"{stat_prefix};",
        http_filters=[*filters, ROUTER],
        access_log=log,
        **_COMMON,
        **more,
    )


def _named(routes: str) -> Obj:
    return {"rds": {"config_source": ADS, "route_config_name": routes}}


def _filters(*more: Json) -> list[Json]:
    return [http_filter("fault", "HTTPFault"), http_filter("cors", "Cors"), *more]


def outbound(listener: str, routes: str, log: list[Json]) -> Obj:
    """Return a sidecar's manager of requests that its program sends."""
    more: Obj = {**_named(routes), "use_remote_address": False}
    return _manager(f"outbound_{listener}", _filters(ALPN), log, more)


def inbound(stat_prefix: str, routes: Obj, log: list[Json], checks: list[Json]) -> Obj:
    """Return a sidecar's manager of requests to its program; `checks` are filters that refuse."""
    more: Obj = {
        "route_config": routes,
        "server_name": "istio-envoy",
        "use_remote_address": False,
        "forward_client_cert_details": "APPEND_FORWARD",
        "set_current_client_cert_details": {"subject": True, "dns": True, "uri": True},
    }
    return _manager(stat_prefix, [*checks, *_filters()], log, more)


def gateway(listener: str, routes: str, log: list[Json], checks: list[Json]) -> Obj:
    """Return a gateway's manager of requests from outside."""
    more: Obj = {
        **_named(routes),
        "server_name": "istio-envoy",
        "use_remote_address": True,
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {
            "subject": True, "cert": True, "dns": True, "uri": True,
        },
    }  # fmt: skip
    return _manager(f"outbound_{listener}", [*checks, *_filters(ALPN)], log, more)
