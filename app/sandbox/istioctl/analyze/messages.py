"""What analyze can say: each code with its level and its sentence.

Source: https://istio.io/v1.31/docs/reference/config/analysis/ (codes, levels and sentences of 1.31)
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.objects import Obj

DOCUMENTATION: Final = "https://istio.io/v1.31/docs/reference/config/analysis"
LEVELS: Final = ("Error", "Warning", "Info")
_SENTENCES: Final = {
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
# Codes that the real analyze has and that nothing in this sandbox can bring about.
ELSEWHERE: Final = frozenset(
    f"IST0{number}"
    for number in [
        "001",
        "126",
        "136",
        "141",
        "142",
        "143",
        "151",
        "152",
        "153",
        "154",
        "155",
        "156",
        "163",
        "164",
        "166",
        "167",
        "168",
        "169",
        "170",
        "171",
        "172",
        "176",
    ]
)
CODES: Final = frozenset(_SENTENCES) | ELSEWHERE


@dataclass(frozen=True)
class Message:
    """One thing that analyze says of a resource. `line` is that of the field, where one is."""

    code: str
    resource: Resource
    parameters: tuple[str, ...] = ()
    line: int = 0

    @property
    def level(self) -> str:
        """Return Error, Warning or Info."""
        return _SENTENCES[self.code][0]

    @property
    def text(self) -> str:
        """Return the sentence."""
        return _SENTENCES[self.code][1].format(*self.parameters)

    @property
    def reference(self) -> str:
        """Return the file and line of the resource or its field; empty of one in the cluster."""
        file, colon, line = self.resource.reference.rpartition(":")
        if self.line and colon and line.isdigit():
            return f"{file}:{self.line}"
        return self.resource.reference

    @property
    def origin(self) -> str:
        """Return what stands in brackets: kind, name, and where it was read."""
        where = f" {self.reference}" if self.reference else ""
        return f"{self.resource.title}{where}"

    def __str__(self) -> str:
        return f"{self.level} [{self.code}] ({self.origin}) {self.text}"

    def as_json(self) -> Obj:
        """Return the message as `-o json` has it, keys in Go's order."""
        path = f"{DOCUMENTATION}/{self.code.lower()}/?ref=istioctl-analyze"
        said: Obj = {
            "code": self.code,
            "documentationUrl": path,
            "level": self.level,
            "message": self.text,
            "origin": self.resource.title,
        }
        return {**said, "reference": self.reference} if self.reference else said


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return each message once, by level, code, resource and text."""
    once = {str(message): message for message in messages}
    return sorted(
        once.values(),
        key=lambda m: (LEVELS.index(m.level), m.code, m.resource.sort_key, str(m)),
    )


def quoted(text: str) -> str:
    """Return a text in quotes as Go's %q writes it."""
    return json.dumps(text, ensure_ascii=False)


def listed(items: Sequence[str] | Sequence[int]) -> str:
    """Return a list as Go's %v writes it."""
    return "[" + " ".join(str(item) for item in items) + "]"
