"""Which annotations may be set: some hand a pod the node, a cloud account or another proxy."""

from typing import Final

_ALLOWED: Final = frozenset(
    {
        "sidecar.istio.io/inject",
        "sidecar.istio.io/proxyCPU",
        "sidecar.istio.io/proxyCPULimit",
        "sidecar.istio.io/proxyMemory",
        "sidecar.istio.io/proxyMemoryLimit",
        "sidecar.istio.io/logLevel",
        "sidecar.istio.io/rewriteAppHTTPProbers",
        "sidecar.istio.io/nativeSidecar",
        "sidecar.istio.io/statsInclusionPrefixes",
        "sidecar.istio.io/statsInclusionRegexps",
        "kubernetes.io/change-cause",
        "networking.istio.io/exportTo",
    }
)
_ALLOWED_DOMAINS: Final = ("prometheus.io", "traffic.sidecar.istio.io", "kubectl.kubernetes.io")


def is_annotation_allowed(key: str) -> bool:
    """Return whether it is known as harmless, or has no domain that a controller reads."""
    domain, slash, _ = key.partition("/")
    return not slash or key in _ALLOWED or domain in _ALLOWED_DOMAINS
