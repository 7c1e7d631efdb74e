"""PeerAuthentication: whether a port takes plain text, mutual TLS, or both."""

from collections.abc import Mapping

from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Obj, namespace_of, selects, strings, table, text

STRICT, PERMISSIVE, DISABLE = "STRICT", "PERMISSIVE", "DISABLE"


def mode(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: int) -> str:
    """Return the mode in force for a port of a workload: STRICT, PERMISSIVE or DISABLE.

    The narrowest policy counts: port, workload, namespace, mesh; of several as narrow the oldest.
    Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/
    """
    own = _workload(mesh, namespace, labels)
    levels = table(own, "spec.portLevelMtls") if own else {}
    said = text(levels, f"{port}.mode") or text(own, "spec.mtls.mode")
    for place in (namespace, ROOT):
        if said in ("", "UNSET"):
            said = text(_general(mesh, place), "spec.mtls.mode")
    return PERMISSIVE if said in ("", "UNSET") else said


def _selector(policy: Obj) -> Mapping[str, str]:
    return strings(policy, "spec.selector.matchLabels")


def _workload(mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> Obj:
    for policy in mesh.peer_authentications:
        if namespace_of(policy) == namespace and selects(_selector(policy), labels):
            return policy
    return {}


def _general(mesh: Mesh, namespace: str) -> Obj:
    for policy in mesh.peer_authentications:
        if namespace_of(policy) == namespace and not _selector(policy):
            return policy
    return {}
