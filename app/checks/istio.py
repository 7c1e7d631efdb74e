"""What an installed Istio consists of, beside its pods, and by which names it is recognised."""

from typing import Final

from app.clusters.objects import Object

NAMESPACE: Final = "istio-system"
CRD_DOMAIN: Final = ".istio.io"
COURSE_CRDS: Final = (
    "destinationrules.networking.istio.io",
    "gateways.networking.istio.io",
    "peerauthentications.security.istio.io",
    "virtualservices.networking.istio.io",
)


def is_istios(thing: Object) -> bool:
    """Return whether a cluster-wide object is one that Istio installs, by its name."""
    return thing.name.startswith("istio") or thing.name.endswith(CRD_DOMAIN)
