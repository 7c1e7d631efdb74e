"""A Service leads to the pods of a Deployment: port, selector, target port, endpoints."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from app.checks.kind import Context, Kind, Params
from app.checks.result import Finding, failed, passed
from app.clusters.cluster import Cluster
from app.clusters.objects import Object, matches


class ServiceParams(Params):
    """`deployment` is the one whose pods the Service must select; by default, of the same name."""

    namespace: str
    name: str
    port: int
    deployment: str = ""


async def check(context: Context, params: ServiceParams) -> Finding:
    """Return whether the Service has the port, and ready pods of the Deployment behind it."""
    service = await context.cluster.get("Service", params.name, params.namespace)
    if service is None:
        return await _missing(context.cluster, params)
    deployment, slices = await asyncio.gather(
        context.cluster.get("Deployment", params.deployment or params.name, params.namespace),
        context.cluster.list(
            "EndpointSlice", params.namespace, f"kubernetes.io/service-name={params.name}"
        ),
    )
    port = next((p for p in service.parts("spec.ports") if p.number("port") == params.port), None)
    if port is None:
        return _wrong_port(service, params)
    return (
        _selector(service, deployment, params)
        or _target_port(port, deployment, params)
        or _endpoints(slices, params)
    )


def _look(params: ServiceParams, verb: str = "describe") -> str:
    return f"kubectl {verb} service {params.name} -n {params.namespace}"


async def _missing(cluster: Cluster, params: ServiceParams) -> Finding:
    services = await cluster.list("Service", params.namespace)
    there = ", ".join(service.name for service in services) or "no Service at all"
    return failed(
        "no-service",
        f"Service {params.name} is expected in namespace {params.namespace}; it holds {there}.",
        look=f"kubectl get services -n {params.namespace}",
    )


def _wrong_port(service: Object, params: ServiceParams) -> Finding:
    ports = ", ".join(part.text("port") for part in service.parts("spec.ports")) or "none"
    return failed(
        "wrong-port",
        f"Service {params.name} should be reached on port {params.port}; its ports: {ports}.",
        look=_look(params, "get"),
    )


def _selector(service: Object, deployment: Object | None, params: ServiceParams) -> Finding | None:
    name, selector = params.deployment or params.name, service.strings("spec.selector")
    labels = deployment.strings("spec.template.metadata.labels") if deployment else {}
    if matches(selector, labels):
        return None
    pods = f"carry {_shown(labels)}" if deployment else "are not there: no such Deployment"
    return failed(
        "selector",
        f"Service {params.name} should select the pods of {name}. It selects {_shown(selector)};"
        f" those pods {pods}.",
        look=f"kubectl get pods -n {params.namespace} --show-labels",
    )


def _shown(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "nothing"


def _target_port(port: Object, deployment: Object | None, params: ServiceParams) -> Finding | None:
    """Compare with the ports that the containers declare; where they declare none, nobody knows."""
    containers = deployment.parts("spec.template.spec.containers") if deployment else []
    declared = [declared for c in containers for declared in c.parts("ports")]
    target = port.text("targetPort") or port.text("port")
    known = {d.text("containerPort") for d in declared} | {d.text("name") for d in declared}
    if not declared or target in known:
        return None
    ports = ", ".join(d.text("containerPort") for d in declared)
    return failed(
        "target-port",
        f"Port {params.port} of Service {params.name} leads to port {target} of the pods, and their"
        f" containers listen on {ports}.",
        look=_look(params),
    )


def _endpoints(slices: Sequence[Object], params: ServiceParams) -> Finding:
    endpoints = [endpoint for piece in slices for endpoint in piece.parts("endpoints")]
    ready = [e for e in endpoints if e.at("conditions.ready") is not False]
    if ready:
        count = "1 ready pod" if len(ready) == 1 else f"{len(ready)} ready pods"
        return passed(f"Service {params.name} leads to {count} on port {params.port}.")
    seen = f"{len(endpoints)} not ready" if endpoints else "no pods"
    return failed(
        "no-endpoints",
        f"Service {params.name} is right, but nothing answers behind it yet: {seen}.",
        look=f"kubectl get endpointslices -n {params.namespace}",
    )


KIND: Final = Kind(
    name="service",
    params=ServiceParams,
    check=check,
    reads=("Service", "Deployment", "EndpointSlice"),
    is_cheap=True,
    reasons=("no-service", "wrong-port", "selector", "target-port", "no-endpoints"),
)
