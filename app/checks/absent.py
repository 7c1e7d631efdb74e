"""Namespaces, objects and everything that Istio installs are gone: clean-up is really clean."""

import asyncio
from collections.abc import Sequence
from typing import Final

from app.checks import istio
from app.checks.kind import Context, Kind, KnownKind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.clusters.cluster import Cluster
from app.clusters.objects import Object

WEBHOOKS: Final = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
ROLES: Final = ("ClusterRole", "ClusterRoleBinding")
SHOWN: Final = 6  # names in a sentence; the evidence has all


class Named(Params):
    """One object."""

    kind: KnownKind
    name: str
    namespace: str = ""


class AbsentParams(Params):
    """What must be gone; `istio` stands for everything that Istio installs."""

    namespaces: Sequence[str] = ()
    objects: Sequence[Named] = ()
    istio: bool = False


async def check(context: Context, params: AbsentParams) -> Finding:
    """Return whether all of it is gone, else what is left."""
    left = await _istio(context.cluster) if params.istio else None
    spaces = [*params.namespaces, *([istio.NAMESPACE] if params.istio else [])]
    return (
        left
        or await _namespaces(context.cluster, list(dict.fromkeys(spaces)))
        or await _objects(context.cluster, params.objects)
        or passed("Nothing of it is left." + await _harmless(context.cluster, params))
    )


async def _namespaces(cluster: Cluster, names: Sequence[str]) -> Finding | None:
    found = await asyncio.gather(*(cluster.get("Namespace", name) for name in names))
    there = [namespace for namespace in found if namespace]
    staying = [namespace.name for namespace in there if not namespace.is_terminating]
    if staying:
        text = f"Expected to be gone, and still there: namespace {', '.join(staying)}."
        return failed("namespace-left", text, look="kubectl get namespaces")
    return _terminating(there[0]) if there else None


def _terminating(namespace: Object) -> Finding:
    remains = [
        condition.text("message")
        for condition in namespace.parts("status.conditions")
        if condition.text("status") == "True" and condition.text("message")
    ]
    name = namespace.name
    why = f" The cluster says: {' '.join(remains)}" if remains else ""
    return failed(
        "terminating",
        f"Namespace {name} is being deleted and not gone yet: it goes when everything in it has"
        f" ended.{why}",
        look=f"kubectl get namespace {name} -o yaml",
    )


async def _objects(cluster: Cluster, objects: Sequence[Named]) -> Finding | None:
    found = await asyncio.gather(
        *(cluster.get(one.kind, one.name, one.namespace) for one in objects)
    )
    left = [one for one, there in zip(objects, found, strict=True) if there]
    if not left:
        return None
    names = ", ".join(f"{one.kind} {one.name}" for one in left)
    within = f" -n {left[0].namespace}" if left[0].namespace else ""
    text = f"Expected to be gone, and still there: {names}."
    return failed("object-left", text, look=f"kubectl get {left[0].kind.lower()}{within}")


async def _istio(cluster: Cluster) -> Finding | None:
    """Return what an uninstallation should have taken along, the most harmful first."""
    deployments, crds, *rest = await asyncio.gather(
        cluster.list("Deployment", istio.NAMESPACE),
        cluster.list("CustomResourceDefinition"),
        *(cluster.list(kind) for kind in (*WEBHOOKS, *ROLES)),
    )
    webhooks = [one for found in rest[:2] for one in found if istio.is_istios(one)]
    roles = [one for found in rest[2:] for one in found if istio.is_istios(one)]
    plane = [one for one in deployments if istio.is_istios(one)]
    return (
        _left("control-plane-left", _PLANE, plane, f"deployments -n {istio.NAMESPACE}")
        or _left("webhooks-left", _WEBHOOKS, webhooks, ",".join(w.lower() for w in WEBHOOKS))
        or _left("crds-left", _CRDS, [crd for crd in crds if istio.is_istios(crd)], "crds")
        or _left("roles-left", _ROLES, roles, "clusterroles,clusterrolebindings")
    )


_PLANE: Final = "Istio should be uninstalled, and parts of it are still deployed"
_WEBHOOKS: Final = (
    "Istio's admission webhooks are left; without istiod behind them the cluster may refuse new"
    " pods and rules"
)
_CRDS: Final = "Istio's own kinds (CRDs) are left, and with them every object of those kinds"
_ROLES: Final = "Cluster-wide roles and bindings of Istio are left"


def _left(reason: str, what: str, left: Sequence[Object], kinds: str) -> Finding | None:
    if not left:
        return None
    names = list(dict.fromkeys(one.name for one in left))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    look = f"kubectl get {kinds}"
    text = f"{what}: {', '.join(names[:SHOWN])}{more}."
    return failed(reason, text, Evidence(look, "\n".join(names)), look=look)


async def _harmless(cluster: Cluster, params: AbsentParams) -> str:
    """Return a sentence about what Istio never takes along and what does no harm."""
    if not params.istio:
        return ""
    maps = await cluster.list("ConfigMap", labels="istio.io/config=true")
    spaces = [one.namespace for one in maps if not one.namespace.startswith("mesh-dojo-")]
    if not spaces:
        return ""
    names = ", ".join(dict.fromkeys(spaces))
    return f" Harmless, and left by every uninstallation: ConfigMaps of Istio in {names}."


KIND: Final = Kind(
    name="absent",
    params=AbsentParams,
    check=check,
    reads=("Namespace", "Deployment", "CustomResourceDefinition", *WEBHOOKS, *ROLES),
    is_cheap=True,
    reasons=(
        "control-plane-left",
        "webhooks-left",
        "crds-left",
        "roles-left",
        "namespace-left",
        "terminating",
        "object-left",
    ),
)
