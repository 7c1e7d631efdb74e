"""The sentence of each of analyze's codes, with its level.

Source: https://istio.io/v1.31/docs/reference/config/analysis/ (codes, levels and sentences of 1.31)
"""

from typing import Final

SENTENCES: Final = {
    "IST0002": ("Warning", "Deprecated: {}"),
    "IST0101": ("Error", "Referenced {} not found: {}"),
    "IST0102": (
        "Info",
        "The namespace is not enabled for Istio injection. Run 'kubectl label namespace {} "
        "istio-injection=enabled' to enable it, or 'kubectl label namespace {} "
        "istio-injection=disabled' to explicitly mark it as not needing injection.",
    ),
    "IST0103": (
        "Warning",
        "The pod {} is missing the Istio proxy. This can often be resolved by restarting or "
        "redeploying the workload.",
    ),
    "IST0106": ("Error", "Schema validation error: {}"),
    "IST0107": ("Warning", "Misplaced annotation: {} can only be applied to {}"),
    "IST0108": ("Warning", "Unknown annotation: {}"),
    "IST0109": (
        "Error",
        "The VirtualServices {} associated with mesh gateway define the same host {} which can "
        "lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices "
        "into a single resource.",
    ),
    "IST0110": (
        "Error",
        "The Sidecars {} in namespace {} select the same workload pod {}, which can lead to "
        "undefined behavior.",
    ),
    "IST0111": (
        "Error",
        "The Sidecars {} in namespace {} have no workload selector, which can lead to undefined "
        "behavior.",
    ),
    "IST0112": (
        "Error",
        "This VirtualService routes to a service {} that exposes multiple ports {}. Specifying a "
        "port in the destination is required to disambiguate.",
    ),
    "IST0116": (
        "Warning",
        "This deployment {} is associated with multiple services using port {} but different "
        "protocols: {}",
    ),
    "IST0118": (
        "Info",
        "Port name {} (port: {}, targetPort: {}) doesn't follow the naming convention of Istio "
        "port.",
    ),
    "IST0123": (
        "Warning",
        "The namespace has more than one type of injection labels {}, which may lead to undefined "
        "behavior. Make sure only one injection label exists.",
    ),
    "IST0125": ("Warning", "Invalid annotation {}: {}"),
    "IST0127": (
        "Warning",
        "No matching workloads for this resource with the following labels: {}",
    ),
    "IST0128": (
        "Warning",
        "DestinationRule {} in namespace {} has TLS mode set to {} but no caCertificates are set "
        "to validate server identity for host: {}",
    ),
    "IST0129": (
        "Warning",
        "DestinationRule {} in namespace {} has TLS mode set to {} but no caCertificates are set "
        "to validate server identity for host: {} at port {}",
    ),
    "IST0130": ("Warning", "VirtualService rule {} not used ({})."),
    "IST0131": (
        "Info",
        "VirtualService rule {} match {} is not used (duplicate/overlapping match in rule {}).",
    ),
    "IST0132": (
        "Warning",
        "one or more host {} defined in VirtualService {} not found in Gateway {}.",
    ),
    "IST0133": ("Warning", "Schema validation warning: {}"),
    "IST0134": ("Warning", "ServiceEntry addresses are required for this protocol."),
    "IST0135": (
        "Info",
        "Annotation {} has been deprecated{} and may not work in future Istio versions.",
    ),
    "IST0137": (
        "Warning",
        "This deployment {} is associated with multiple services {} using targetPort {} but "
        "different ports: {}.",
    ),
    "IST0138": (
        "Warning",
        "Duplicate certificate in multiple gateways {} may cause 404s if clients re-use HTTP2 "
        "connections.",
    ),
    "IST0139": ("Error", "{}"),
    "IST0140": (
        "Warning",
        "Subset in virtual service {} has no effect on ingress gateway {} requests",
    ),
    "IST0144": ("Warning", "User ID (UID) 1337 is reserved for the sidecar proxy."),
    "IST0145": (
        "Error",
        "Conflict with gateways {} (workload selector {}, port {}, hosts {}).",
    ),
    "IST0146": (
        "Warning",
        "{} {} contains `image: auto` but does not match any Istio injection webhook selectors.",
    ),
    "IST0147": (
        "Error",
        "{} {} contains `image: auto` but does not match any Istio injection webhook selectors.",
    ),
    "IST0148": (
        "Info",
        "is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as "
        "true.",
    ),
    "IST0149": (
        "Error",
        "The virtual service uses the JWT claim based routing (key: {}) but found no request "
        "authentication for the gateway ({}) pod ({}). The request authentication must first be "
        "applied for the gateway pods to validate the JWT token and make the claims available for "
        "routing.",
    ),
    "IST0150": (
        "Warning",
        "Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and "
        "unmatched traffic for ports serving TCP protocol from being forwarded correctly",
    ),
    "IST0151": (
        "Warning",
        "This EnvoyFilter does not have a priority and has a relative patch operation set which "
        "can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or "
        "setting the priority may help in ensuring the EnvoyFilter is applied correctly.",
    ),
    "IST0152": (
        "Error",
        "The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.",
    ),
    "IST0153": (
        "Error",
        "The ADD operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or "
        "HTTP_ROUTE.",
    ),
    "IST0154": (
        "Error",
        "The REMOVE operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or "
        "HTTP_ROUTE.",
    ),
    "IST0155": (
        "Warning",
        "This EnvoyFilter does not have a priority and has a relative patch operation "
        "(NSTERT_BEFORE/AFTER, REPLACE, MERGE, DELETE) and proxyVersion set which can cause the "
        "EnvoyFilter not to be applied during an upgrade. Using the INSERT_FIRST or ADD option or "
        "setting the priority may help in ensuring the EnvoyFilter is applied correctly.",
    ),
    "IST0157": (
        "Warning",
        "The Telemetry {} in namespace {} with empty providers will be ignored.",
    ),
    "IST0158": (
        "Warning",
        "The Istio proxy images of the pods running in the namespace do not match the image "
        "defined in the injection configuration (pod names: {}). This often happens after "
        "upgrading the Istio control-plane and can be fixed by redeploying the pods.",
    ),
    "IST0159": (
        "Error",
        "The Telemetries {} in namespace {} select the same workload pod {}, which can lead to "
        "undefined behavior.",
    ),
    "IST0160": (
        "Error",
        "The Telemetries {} in namespace {} have no workload selector, which can lead to "
        "undefined behavior.",
    ),
    "IST0161": (
        "Error",
        "The credential referenced by the Gateway {} in namespace {} is invalid, which can cause "
        "the traffic not to work as expected.",
    ),
    "IST0162": (
        "Warning",
        "The gateway is listening on a target port (port {}) that is not defined in the Service "
        "associated with its workload instances (Pod selector {}). If you need to access the "
        "gateway port through the gateway Service, it will not be available.",
    ),
    "IST0163": (
        "Warning",
        "The hostname ({}) that was provided for the webhook ({}) to reach the ingress gateway on "
        "the external control plane cluster {}. Traffic may not flow properly.",
    ),
    "IST0164": (
        "Info",
        "The address ({}) that was provided for the webhook ({}) to reach the ingress gateway on "
        "the external control plane cluster is an IP address. This is not recommended for a "
        "production environment.",
    ),
    "IST0165": (
        "Warning",
        "Gateway reference in VirtualService {} is to an implementation-generated internal "
        "Gateway: {}.",
    ),
    "IST0173": (
        "Error",
        "The Subset {} defined in the DestinationRule does not select any pods. Which may lead to "
        "503 UH (NoHealthyUpstream).",
    ),
    "IST0174": (
        "Warning",
        "The host {} defined in the DestinationRule does not match any services in the mesh.",
    ),
    "IST0175": (
        "Warning",
        "BLOCKED_CIDRS_IN_JWKS_URIS is not configured but {} RequestAuthentication resource(s) "
        "exist ({}). Consider configuring it to restrict JWKS URI fetches to trusted networks.",
    ),
    "IST0177": (
        "Warning",
        "Multiple ServiceEntries ({}) define the same host {} and port {} with conflicting "
        "protocols ({}).",
    ),
}
