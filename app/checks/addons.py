"""The observability add-ons run beside the control plane."""

from collections.abc import Sequence
from typing import Final

from app.checks import istio
from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.workload import SEVERITY, gravest, workloads
from app.clusters.pods import table

LOOK: Final = f"kubectl get pods -n {istio.NAMESPACE}"


class AddonsParams(Params):
    """`deployments` are the add-ons by name."""

    deployments: Sequence[str] = ("prometheus", "grafana", "kiali", "jaeger")


async def check(context: Context, params: AddonsParams) -> Finding:
    """Return whether every add-on is ready, else the gravest thing that keeps one from it."""
    found = await workloads(context.cluster, istio.NAMESPACE)
    chosen = [found[name] for name in params.deployments if name in found]
    seen = Evidence(LOOK, table([pod for workload in chosen for pod in workload.pods]))
    missing = [name for name in params.deployments if name not in found]
    if missing:
        return failed(
            "missing-deployment",
            f"Add-ons {', '.join(params.deployments)} are expected in namespace {istio.NAMESPACE};"
            f" not found there: {', '.join(missing)}.",
            seen,
            look=f"kubectl get deployments -n {istio.NAMESPACE}",
        )
    trouble = gravest(chosen, context.now())
    if trouble:
        return failed(trouble.reason, trouble.text, seen, look=trouble.look)
    return passed(f"{', '.join(params.deployments)}: all ready.", seen)


KIND: Final = Kind(
    name="addons",
    params=AddonsParams,
    check=check,
    reads=("Deployment", "ReplicaSet", "Pod"),
    is_cheap=True,
    reasons=("missing-deployment", *SEVERITY),
)
