"""Istio's control plane and gateways are there and healthy."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from app.checks import istio
from app.checks.injection import injectors
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.workload import Workload, gravest, workloads
from app.clusters.cluster import Cluster
from app.clusters.pods import table

LOOK: Final = f"kubectl get pods -n {istio.NAMESPACE}"


class MeshInstalledParams(Params):
    """`deployments` are those that must be there and ready, by name."""

    deployments: Sequence[str] = ("istiod", "istio-ingressgateway", "istio-egressgateway")


async def check(context: Context, params: MeshInstalledParams) -> Finding:
    """Return whether every part of the mesh is there, else the first part that is not."""
    found, crds, hooks = await asyncio.gather(
        workloads(context.cluster, istio.NAMESPACE),
        _missing_crds(context.cluster),
        injectors(context.cluster),
    )
    chosen = [found[name] for name in params.deployments if name in found]
    if not chosen:
        return failed("not-installed", _not_installed(params, found), look=LOOK)
    seen = Evidence(LOOK, table([pod for workload in chosen for pod in workload.pods]))
    return (
        _missing(params, found, seen)
        or _missing_parts(crds, bool(hooks.webhooks), seen)
        or _unready(context, chosen, seen)
        or passed(f"{', '.join(params.deployments)}: all ready.", seen)
    )


async def _missing_crds(cluster: Cluster) -> list[str]:
    found = await asyncio.gather(
        *(cluster.get("CustomResourceDefinition", name) for name in istio.COURSE_CRDS)
    )
    return [name for name, crd in zip(istio.COURSE_CRDS, found, strict=True) if crd is None]


def _not_installed(params: MeshInstalledParams, found: Mapping[str, Workload]) -> str:
    there = f" It holds {', '.join(found)}." if found else ""
    return (
        f"Istio's Deployments {', '.join(params.deployments)} are expected in namespace"
        f" {istio.NAMESPACE}, and none of them is there.{there}"
    )


def _missing(
    params: MeshInstalledParams, found: Mapping[str, Workload], seen: Evidence
) -> Finding | None:
    missing = [name for name in params.deployments if name not in found]
    if not missing:
        return None
    return failed(
        "missing-deployment",
        f"{istio.NAMESPACE} should also hold {', '.join(missing)}; it holds {', '.join(found)}."
        " Which parts are installed depends on the profile.",
        seen,
        look=f"kubectl get deployments -n {istio.NAMESPACE}",
    )


def _missing_parts(crds: Sequence[str], has_webhook: bool, seen: Evidence) -> Finding | None:
    if crds:
        return failed(
            "no-crds",
            "Istio's pods are there, but the cluster does not know these kinds of Istio:"
            f" {', '.join(crds)}. The installation is not complete.",
            seen,
            look="kubectl get crds",
        )
    if not has_webhook:
        return failed(
            "no-webhook",
            "Istio's pods are there, but no webhook asks istiod to add sidecars to new pods."
            " The installation is not complete.",
            seen,
            look="kubectl get mutatingwebhookconfigurations",
        )
    return None


def _unready(context: Context, chosen: Sequence[Workload], seen: Evidence) -> Finding | None:
    found = gravest(chosen, context.now())
    return failed(found.reason, found.text, seen, look=found.look) if found else None


KIND: Final = Kind(
    name="mesh-installed",
    params=MeshInstalledParams,
    check=check,
    reads=(
        "Deployment",
        "ReplicaSet",
        "Pod",
        "MutatingWebhookConfiguration",
        "CustomResourceDefinition",
    ),
    is_cheap=True,
    reasons=(
        "not-installed",
        "missing-deployment",
        "no-crds",
        "no-webhook",
        "image",
        "crash",
        "no-resources",
        "not-ready",
    ),
)
