"""A namespace exists and asks for sidecars, so that pods created in it get one."""

from difflib import get_close_matches
from typing import Final

from app.checks.injection import LABEL, Refusal, injectors, refusal
from app.checks.kind import Context, Kind, Params
from app.checks.mistaken import mistaken
from app.checks.result import Evidence, Finding, failed, passed
from app.clusters.cluster import Cluster
from app.clusters.objects import Object

OWN: Final = "mesh-dojo"  # how the lab's own namespaces begin: near the course's in name alone


class NamespaceParams(Params):
    """`injection` false asks for the namespace alone."""

    name: str
    injection: bool = True


async def check(context: Context, params: NamespaceParams) -> Finding:
    """Return whether the namespace is there and pods created in it now get a sidecar."""
    namespace = await context.cluster.get("Namespace", params.name)
    if namespace is None:
        return await _missing(context.cluster, params.name)
    if namespace.is_terminating:
        return failed(
            "terminating",
            f"Namespace {params.name} is being deleted; wait until it is gone, then create it.",
            look=f"kubectl get namespace {params.name}",
        )
    if not params.injection:
        return passed(f"Namespace {params.name} is there.")
    return await _injection(context.cluster, namespace)


async def _missing(cluster: Cluster, name: str) -> Finding:
    names = [
        namespace.name
        for namespace in await cluster.list("Namespace")
        if not namespace.name.startswith(OWN)
    ]
    alike = ", ".join(get_close_matches(name, names))
    return failed(
        "no-namespace",
        f"A namespace {name} is expected, and the cluster has none of that name"
        + (f"; it has {alike}." if alike else "."),
        look="kubectl get namespaces",
    )


async def _injection(cluster: Cluster, namespace: Object) -> Finding:
    look = f"kubectl get namespace {namespace.name} --show-labels"
    labels = "\n".join(f"{key}={value}" for key, value in namespace.labels.items())
    seen = Evidence(look, labels or "no labels")
    refused = refusal(namespace, await injectors(cluster))
    if refused is None:
        return passed(f"Pods created in {namespace.name} from now on get a sidecar.", seen)
    other = await _labelled_instead(cluster, namespace) if refused.cause == "no-label" else ""
    if other:
        return failed(
            "other-namespace",
            f"Namespace {namespace.name} should ask for sidecars, and carries no injection label."
            f" The label is on {other} instead: pods created there get sidecars.",
            seen,
            look="kubectl get namespaces --show-labels",
        )
    return failed(refused.cause, _message(namespace.name, refused), seen, look=look)


def _message(name: str, refused: Refusal) -> str:
    return f"Pods created in {name} should get a sidecar, and would not: {refused.seen}."


async def _labelled_instead(cluster: Cluster, namespace: Object) -> str:
    labelled = [
        other.name
        for other in await cluster.list("Namespace")
        if other.labels.get(LABEL) == "enabled" and other.name != namespace.name
    ]
    return mistaken(namespace.name, labelled)


KIND: Final = Kind(
    name="namespace",
    params=NamespaceParams,
    check=check,
    reads=("Namespace", "MutatingWebhookConfiguration"),
    is_cheap=True,
    reasons=(
        "no-namespace",
        "terminating",
        "no-label",
        "label-value",
        "label-disabled",
        "other-namespace",
        "revision-label",
        "no-injector",
    ),
)
