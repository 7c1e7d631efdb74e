"""Which mutual TLS mode a pod's port has, as PeerAuthentications of mesh, namespace and workload
say together.

The narrowest scope that says anything wins; within a scope the oldest policy. Without any, a port
takes both: PERMISSIVE.
Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.checks.inforce import ROOT_NAMESPACE, oldest_first
from app.clusters.objects import Object, matches

Scope = Literal["nothing", "mesh", "namespace", "workload", "port"]


@dataclass(frozen=True)
class Mode:
    """The mode in force, with the scope and the policy that it comes from."""

    mode: str
    scope: Scope
    policy: Object | None = None


def mode_of(pod: Object, port: int, policies: Sequence[Object]) -> Mode:
    """Return the mode in force for a port of a pod (the container's port, not the Service's)."""
    mode = Mode("PERMISSIVE", "nothing")
    mode = _narrowed(mode, "mesh", _plain(ROOT_NAMESPACE, policies))
    if pod.namespace != ROOT_NAMESPACE:
        mode = _narrowed(mode, "namespace", _plain(pod.namespace, policies))
    own = _for_workload(pod, policies)
    mode = _narrowed(mode, "workload", own)
    exception = own[0].text(f"spec.portLevelMtls.{port}.mode") if own else ""
    if exception not in ("", "UNSET"):
        return Mode(exception, "port", own[0])
    return mode


def _narrowed(outer: Mode, scope: Scope, policies: Sequence[Object]) -> Mode:
    for policy in policies[:1]:  # the oldest alone counts, whatever it leaves open
        said = policy.text("spec.mtls.mode", "UNSET")
        if said != "UNSET":
            return Mode(said, scope, policy)
    return outer


def has_selector(policy: Object) -> bool:
    """Return whether a policy is for some workloads only."""
    return bool(policy.strings("spec.selector.matchLabels"))


def _plain(namespace: str, policies: Sequence[Object]) -> list[Object]:
    here = [each for each in policies if each.namespace == namespace and not has_selector(each)]
    return oldest_first(each for each in here if not each.is_terminating)


def _for_workload(pod: Object, policies: Sequence[Object]) -> list[Object]:
    if pod.namespace == ROOT_NAMESPACE:
        return []
    return oldest_first(
        each
        for each in policies
        if each.namespace == pod.namespace
        and matches(each.strings("spec.selector.matchLabels"), pod.labels)
        and not each.is_terminating
    )
