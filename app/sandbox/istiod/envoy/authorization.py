"""AuthorizationPolicies as Envoy's filters. Source: Istio's reference of authorization."""

from collections.abc import Mapping

from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Json


def filters(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> list[Json]:
    """Return the filters of requests to a workload's port: first what denies, then what allows."""
    return []


def network_filters(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> list[Json]:
    """Return the filters of connections to a workload's port."""
    return []
