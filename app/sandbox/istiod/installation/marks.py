"""Names, images and labels that the installation's objects share."""

from collections.abc import Sequence

from app.sandbox.objects import Json, Obj

VERSION = "1.31.0"
NAMESPACE = "istio-system"
REVISION = "default"
HUB = "docker.io/istio"
PROXY_IMAGE = f"{HUB}/proxyv2:{VERSION}"
PILOT_IMAGE = f"{HUB}/pilot:{VERSION}"


def helm(name: str, chart: str) -> Obj:
    """Return the labels that the chart itself gives; they are on pods too."""
    return {
        "app.kubernetes.io/instance": "istio",
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": "istio",
        "app.kubernetes.io/version": "1.0.0",
        "helm.sh/chart": f"{chart}-1.0.0",
    }


def owned(component: str, name: str, chart: str, **more: str) -> Obj:
    """Return the labels of an object that istioctl installed as part of a component."""
    return {
        **helm(name, chart),
        "install.operator.istio.io/owning-resource": "unknown",
        "install.operator.istio.io/owning-resource-namespace": NAMESPACE,
        "istio.io/rev": REVISION,
        "operator.istio.io/component": component,
        "operator.istio.io/managed": "Reconcile",
        "operator.istio.io/version": VERSION,
        "release": "istio",
        **more,
    }


def obj(
    api: str,
    kind: str,
    name: str,
    labels: Obj,
    *,
    is_namespaced: bool = True,
    **rest: Obj | Sequence[Obj] | str,
) -> Obj:
    """Return an object."""
    meta: Obj = {"name": name, **({"namespace": NAMESPACE} if is_namespaced else {})}
    made: Obj = {"apiVersion": api, "kind": kind, "metadata": {**meta, "labels": labels}}
    for key, value in rest.items():
        made[key] = value if isinstance(value, str | dict) else list[Json](value)
    return made


def field_env(name: str, path: str) -> Obj:
    """Return an environment variable that holds a field of the pod."""
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def limit_env(name: str, resource: str) -> Obj:
    """Return an environment variable that holds a limit of the container."""
    return {
        "name": name,
        "valueFrom": {"resourceFieldRef": {"divisor": "1", "resource": resource}},
    }


def env(name: str, value: str) -> Obj:
    """Return an environment variable."""
    return {"name": name, "value": value}


def mount(path: str, name: str, *, is_read_only: bool = False) -> Obj:
    """Return a volume mount."""
    read_only: Obj = {"readOnly": True} if is_read_only else {}
    return {"mountPath": path, "name": name, **read_only}


def token_volume(name: str = "istio-token") -> Obj:
    """Return the volume of a token for Istio's CA."""
    token: Obj = {"audience": "istio-ca", "expirationSeconds": 43200, "path": "istio-token"}
    return {"name": name, "projected": {"sources": [{"serviceAccountToken": token}]}}


def podinfo_volume(name: str) -> Obj:
    """Return the volume that holds the pod's labels and annotations."""
    parts: list[Obj] = [
        {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.{part}"}, "path": part}
        for part in ("labels", "annotations")
    ]
    return {"downwardAPI": {"items": [*parts]}, "name": name}
