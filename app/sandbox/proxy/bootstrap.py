"""What an Envoy knows when it starts: who it is, and where its control plane is."""

from pathlib import Path

from app.sandbox.objects import Obj

DISCOVERY = "xds-grpc"
_HTTP = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_CONNECTIONS = (
    "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3."
    "DownstreamConnectionsConfig"
)
# Istio's default: an ordinary sidecar keeps no statistics of what goes outward
KEPT = (
    "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm", "rbac",
    "control_plane",
)  # fmt: skip


def bootstrap(folder: Path, node: Obj, secrets: list[Obj]) -> Obj:
    """Return the bootstrap of an Envoy whose sockets are in `folder`; `secrets` are static."""
    config: Obj = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
    return {
        "node": node,
        "admin": {
            "address": {"pipe": {"path": str(folder / "admin"), "mode": 0o600}},
            "profile_path": "/dev/null",
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "global config",
                    "static_layer": {
                        "re2.max_program_size.error_level": "32768",
                        "tracing.opentelemetry.flush_interval_ms": "300",  # else spans wait 5 s
                    },
                },
                {"name": "admin", "admin_layer": {}},
            ]
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": _CONNECTIONS,
                        "max_active_downstream_connections": 2147483647,
                    },
                }
            ]
        },
        "stats_config": {
            "use_all_default_tags": False,
            "stats_matcher": {
                "inclusion_list": {"patterns": [{"prefix": prefix} for prefix in KEPT]}
            },
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
        "static_resources": {"clusters": [_discovery(folder)], "secrets": list(secrets)},
    }


def _discovery(folder: Path) -> Obj:
    address: Obj = {"pipe": {"path": str(folder / "ads")}}
    return {
        "name": DISCOVERY,
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": _HTTP,
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": DISCOVERY,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }
