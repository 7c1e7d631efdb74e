"""What an Envoy knows when it starts: who it is, and where its control plane is."""

from pathlib import Path

from app.sandbox.objects import Obj, strings, text
from app.sandbox.proxy.statistics import patterns

DISCOVERY = "xds-grpc"
WORKLOAD_API = "./var/run/secrets/workload-spiffe-uds/socket"  # as Istio's; there is none here
_FILTERS = "type.googleapis.com/envoy.extensions.filters"
_MANAGER = f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = f"{_FILTERS}.http.router.v3.Router"
_HTTP = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_CONNECTIONS = (
    "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3."
    "DownstreamConnectionsConfig"
)

_CONNECTION_LIMIT: Obj = {
    "name": "envoy.resource_monitors.global_downstream_max_connections",
    "typed_config": {"@type": _CONNECTIONS, "max_active_downstream_connections": 2147483647},
}
RUNTIME: Obj = {
    "re2.max_program_size.error_level": "32768",
    "tracing.opentelemetry.flush_interval_ms": "300",  # else spans wait 5 s
    "tracing.zipkin.flush_interval_ms": "300",
}


def bootstrap(folder: Path, node: Obj, secrets: list[Obj]) -> Obj:
    """Return the bootstrap of an Envoy whose sockets are in `folder`; `secrets` are static."""
    said, ip = strings(node, "metadata.ANNOTATIONS"), text(node, "metadata.INSTANCE_IPS")
    kept = patterns(said, ip)
    config: Obj = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
    return {
        "node": node,
        "admin": {
            "address": {"pipe": {"path": str(folder / "admin"), "mode": 0o600}},
            "profile_path": "/dev/null",
        },
        "layered_runtime": {
            "layers": [
                {"name": "global config", "static_layer": {**RUNTIME}},
                {"name": "admin", "admin_layer": {}},
            ]
        },
        "overload_manager": {"resource_monitors": [_CONNECTION_LIMIT]},
        "stats_config": {
            "use_all_default_tags": False,
            "stats_matcher": {"inclusion_list": {"patterns": [*kept]}},
        },
        "dynamic_resources": {
            "lds_config": config,
            "cds_config": config,
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "set_node_on_first_message_only": True,
                "grpc_services": [{"envoy_grpc": {"cluster_name": DISCOVERY}}],
            },
        },
        "static_resources": {
            "clusters": [
                _cluster("agent", "0.250s", folder / "a15020"),
                _cluster("prometheus_stats", "0.250s", folder / "admin"),
                _cluster("sds-grpc", "1s", WORKLOAD_API, is_http2=True),
                _cluster(DISCOVERY, "1s", folder / "ads", is_http2=True),
            ],
            "listeners": [
                _listener(folder, 15090, "stats", "/stats/prometheus", "prometheus_stats"),
                _listener(folder, 15021, "agent", "/healthz/ready", "agent"),
            ],
            "secrets": list(secrets),
        },
    }


def _cluster(name: str, connect: str, socket: Path | str, *, is_http2: bool = False) -> Obj:
    address: Obj = {"pipe": {"path": str(socket)}}
    http2: Obj = {"@type": _HTTP, "explicit_http_config": {"http2_protocol_options": {}}}
    options: Obj = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2}
    return {
        "name": name,
        "alt_stat_name": f"{name};",
        "type": "STATIC",
        "connect_timeout": connect,
        **({"typed_extension_protocol_options": options} if is_http2 else {}),
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }


def _listener(folder: Path, port: int, prefix: str, path: str, cluster: str) -> Obj:
    """Return a listener of Istio's own; the agent answers in its place."""
    route: Obj = {"match": {"prefix": path}, "route": {"cluster": cluster}}
    host: Obj = {"name": "backend", "domains": ["*"], "routes": [route]}
    router: Obj = {"name": "envoy.filters.http.router", "typed_config": {"@type": _ROUTER}}
    manager: Obj = {
        "@type": _MANAGER,
        "stat_prefix": prefix,
        "route_config": {"virtual_hosts": [host]},
        "http_filters": [router],
    }
    filter_: Obj = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": manager,
    }
    return {
        "name": f"0.0.0.0_{port}",
        "address": {"pipe": {"path": str(folder / f"s{port}"), "mode": 0o600}},
        "filter_chains": [{"filters": [filter_]}],
        "ignore_global_conn_limit": True,
        "bypass_overload_manager": True,
    }
