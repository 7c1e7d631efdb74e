"""Which of its statistics an Envoy keeps: Istio's own few, and what its pod asks for.

Source: https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/
"""

import json
from collections.abc import Mapping

import yaml

from app.sandbox.objects import Obj, table, words

# Istio's default: an ordinary sidecar keeps no statistics of what goes outward
KEPT = (
    "cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "wasm", "rbac",
    "control_plane",
)  # fmt: skip
ANNOTATION = "proxy.istio.io/config"
_ASKED = {
    "prefix": ("Prefixes", "inclusionPrefixes"),
    "suffix": ("Suffixes", "inclusionSuffixes"),
    "regex": ("Regexps", "inclusionRegexps"),
}


def proxy_config(annotations: Mapping[str, str]) -> Obj:
    """Return what a pod's annotation says of its proxy; empty where it is no table."""
    try:
        read = yaml.safe_load(annotations.get(ANNOTATION, ""))
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}


def written(annotations: Mapping[str, str]) -> str:
    """Return that configuration as the injector hands it to a proxy: one line of JSON."""
    return json.dumps(proxy_config(annotations), separators=(",", ":"), default=str) + "\n"


def patterns(annotations: Mapping[str, str], ip: str) -> list[Obj]:
    """Return the matcher's patterns for a proxy at `ip`; `{pod_ip}` in them becomes it.

    An annotation of a kind's own (`sidecar.istio.io/statsInclusionPrefixes`) counts before the
    proxy's configuration.
    """
    matcher = table(proxy_config(annotations), "proxyStatsMatcher")
    found: list[Obj] = []
    for kind, (word, field) in _ASKED.items():
        said = annotations.get(f"sidecar.istio.io/statsInclusion{word}", "")
        for each in said.split(",") if said else words(matcher, field):
            asked = each.replace("{pod_ip}", ip)
            found.append({"safe_regex": {"regex": asked}} if kind == "regex" else {kind: asked})
    return found + [{"prefix": prefix} for prefix in KEPT]
