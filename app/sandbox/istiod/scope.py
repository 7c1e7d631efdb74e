"""Sidecar resources: what of the mesh a proxy sees.

Source: https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from collections.abc import Mapping
from dataclasses import replace

from app.sandbox.istiod.hosts import covers, full
from app.sandbox.istiod.installation.marks import NAMESPACE as ROOT
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import (
    Obj,
    items,
    namespace_of,
    selects,
    strings,
    table,
    text,
    words,
)


def sidecar_of(mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> Obj | None:
    """Return the Sidecar in force for a workload: its own, its namespace's, or the root's."""
    here = [each for each in mesh.sidecars if namespace_of(each) == namespace]
    for each in here:
        if selects(strings(each, "spec.workloadSelector.labels"), labels):
            return each
    for each in [*here, *(other for other in mesh.sidecars if namespace_of(other) == ROOT)]:
        if not table(each, "spec.workloadSelector"):
            return each
    return None


def seen(mesh: Mesh, sidecar: Obj, namespace: str) -> Mesh:
    """Return the mesh as a proxy of a namespace sees it under a Sidecar."""
    hosts = [
        host
        for listener in items(sidecar, "spec.egress")
        if "port" not in listener
        for host in words(listener, "hosts")
    ]
    settings = mesh.settings
    if table(sidecar, "spec.outboundTrafficPolicy"):
        mode = text(sidecar, "spec.outboundTrafficPolicy.mode", "REGISTRY_ONLY")
        settings = {**settings, "outboundTrafficPolicy": {"mode": mode}}
    if not hosts:
        return replace(mesh, settings=settings)

    def imports(where: str, host: str) -> bool:
        for said in hosts:
            there, _, pattern = said.partition("/")
            there = namespace if there == "." else there
            if there in ("*", where) and (covers(pattern, host) or covers(host, pattern)):
                return True
        return False

    return replace(
        mesh,
        settings=settings,
        services=[each for each in mesh.services if imports(each.namespace, each.host)],
        virtual_services=[
            each
            for each in mesh.virtual_services
            if any(
                imports(namespace_of(each), full(host, namespace_of(each)))
                for host in words(each, "spec.hosts")
            )
        ],
    )
