"""Istio's annotations: what each may stand on, and which are deprecated.

Source: the annotations of Istio's API 1.31, https://istio.io/v1.31/docs/reference/config/annotations/
"""

from typing import Final

# The kinds that an annotation may stand on; "Any" is everything.
KINDS_OF: Final = {
    "alpha.istio.io/canonical-serviceaccounts": "Service",
    "alpha.istio.io/kubernetes-serviceaccounts": "Service",
    "ambient.istio.io/bypass-inbound-capture": "Pod",
    "ambient.istio.io/dns-capture": "Pod",
    "ambient.istio.io/redirection": "Pod",
    "ambient.istio.io/waypoint-inbound-binding": "GatewayClass Gateway",
    "galley.istio.io/analyze-suppress": "Any",
    "gateway.istio.io/controller-version": "Any",
    "gateway.istio.io/name-override": "Gateway",
    "gateway.istio.io/service-account": "Gateway",
    "inject.istio.io/templates": "Pod",
    "istio.io/autoRegistrationGroup": "WorkloadEntry",
    "istio.io/connectedAt": "WorkloadEntry",
    "istio.io/disconnectedAt": "WorkloadEntry",
    "istio.io/dry-run": "AuthorizationPolicy",
    "istio.io/reroute-virtual-interfaces": "Pod",
    "istio.io/rev": "Pod",
    "istio.io/use-waypoint-canary-weight": "Service ServiceEntry Namespace",
    "istio.io/workloadController": "WorkloadEntry",
    "kubernetes.io/ingress.class": "Ingress",
    "networking.istio.io/exportTo": "Service",
    "networking.istio.io/service-type": "Gateway",
    "networking.istio.io/traffic-distribution": "Namespace Service ServiceEntry",
    "prometheus.istio.io/merge-metrics": "Pod",
    "proxy.istio.io/config": "Pod",
    "proxy.istio.io/overrides": "Pod",
    "readiness.status.sidecar.istio.io/applicationPorts": "Pod",
    "readiness.status.sidecar.istio.io/failureThreshold": "Pod",
    "readiness.status.sidecar.istio.io/initialDelaySeconds": "Pod",
    "readiness.status.sidecar.istio.io/periodSeconds": "Pod",
    "sidecar.istio.io/agentLogLevel": "Pod",
    "sidecar.istio.io/bootstrapOverride": "Pod",
    "sidecar.istio.io/componentLogLevel": "Pod",
    "sidecar.istio.io/discoveryAddress": "Pod",
    "sidecar.istio.io/extraStatTags": "Pod",
    "sidecar.istio.io/inject": "Pod",
    "sidecar.istio.io/interceptionMode": "Pod",
    "sidecar.istio.io/logLevel": "Pod",
    "sidecar.istio.io/nativeSidecar": "Pod",
    "sidecar.istio.io/proxyCPU": "Pod",
    "sidecar.istio.io/proxyCPULimit": "Pod",
    "sidecar.istio.io/proxyImage": "Pod",
    "sidecar.istio.io/proxyImageType": "Pod",
    "sidecar.istio.io/proxyMemory": "Pod",
    "sidecar.istio.io/proxyMemoryLimit": "Pod",
    "sidecar.istio.io/rewriteAppHTTPProbers": "Pod",
    "sidecar.istio.io/statsCompression": "Pod",
    "sidecar.istio.io/statsEvictionInterval": "Pod",
    "sidecar.istio.io/statsFlushInterval": "Pod",
    "sidecar.istio.io/statsHistogramBins": "Pod",
    "sidecar.istio.io/statsHistogramBuckets": "Pod",
    "sidecar.istio.io/statsInclusionPrefixes": "Pod",
    "sidecar.istio.io/statsInclusionRegexps": "Pod",
    "sidecar.istio.io/statsInclusionSuffixes": "Pod",
    "sidecar.istio.io/status": "Pod",
    "sidecar.istio.io/userVolume": "Pod",
    "sidecar.istio.io/userVolumeMount": "Pod",
    "status.sidecar.istio.io/port": "Pod",
    "topology.istio.io/controlPlaneClusters": "Namespace",
    "traffic.istio.io/nodeSelector": "Service",
    "traffic.sidecar.istio.io/excludeInboundPorts": "Pod",
    "traffic.sidecar.istio.io/excludeInterfaces": "Pod",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "Pod",
    "traffic.sidecar.istio.io/excludeOutboundPorts": "Pod",
    "traffic.sidecar.istio.io/includeInboundPorts": "Pod",
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "Pod",
    "traffic.sidecar.istio.io/includeOutboundPorts": "Pod",
    "traffic.sidecar.istio.io/kubevirtInterfaces": "Pod",
}
DEPRECATED: Final = frozenset(
    (
        "alpha.istio.io/canonical-serviceaccounts",
        "alpha.istio.io/kubernetes-serviceaccounts",
        "sidecar.istio.io/discoveryAddress",
        "sidecar.istio.io/extraStatTags",
        "sidecar.istio.io/inject",
        "sidecar.istio.io/statsCompression",
        "sidecar.istio.io/statsInclusionPrefixes",
        "sidecar.istio.io/statsInclusionRegexps",
        "sidecar.istio.io/statsInclusionSuffixes",
        "traffic.sidecar.istio.io/kubevirtInterfaces",
    )
)
# What a deprecated annotation is replaced by, as its message says it.
INSTEAD: Final = {"sidecar.istio.io/inject": ' in favor of the "sidecar.istio.io/inject" label'}
# Set by Istio itself: never a finding.
IGNORED: Final = frozenset(
    ("sidecar.istio.io/status", "gateway.istio.io/controller-version", "istio.io/rev")
)
