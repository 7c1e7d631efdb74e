"""Objects as a cluster holds them, in a line each: namespaces, workloads, the injector."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import yaml

from app.clusters.objects import Json

Raw = dict[str, Json]

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
LONG_AGO, JUST_NOW = "2026-11-23T11:00:00Z", "2026-11-23T11:59:58Z"
READY: Raw = {"ready": True, "started": True, "state": {"running": {"startedAt": LONG_AGO}}}


def objects(text: str) -> list[Raw]:
    """Return the objects of a YAML text."""
    return [item for item in yaml.safe_load_all(text) if item]


def named(kind: str, name: str, namespace: str = "", **rest: Json) -> Raw:
    """Return an object of which little more than its name matters."""
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, **rest}


def namespace(name: str, labels: Mapping[str, str] | None = None, **metadata: Json) -> Raw:
    return {
        "kind": "Namespace",
        "metadata": {"name": name, "labels": dict(labels or {}), **metadata},
    }


def injected(name: str) -> Raw:
    return namespace(name, {"istio-injection": "enabled"})


def injector(revision: str = "default", created: str = LONG_AGO) -> Raw:
    """Return the webhooks of a control plane, as istioctl 1.31 installs them (two of its four)."""
    (found,) = objects(
        f"""
        kind: MutatingWebhookConfiguration
        metadata:
          name: istio-sidecar-injector-{revision}
          labels: {{app: sidecar-injector, istio.io/rev: {revision}}}
          creationTimestamp: "{created}"
        webhooks:
          - name: rev.namespace.sidecar-injector.istio.io
            namespaceSelector:
              matchExpressions:
                - {{key: istio.io/rev, operator: In, values: [{revision}]}}
                - {{key: istio-injection, operator: DoesNotExist}}
            objectSelector: &not_off
              matchExpressions:
                - {{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}}
          - name: namespace.sidecar-injector.istio.io
            namespaceSelector:
              matchExpressions:
                - {{key: istio-injection, operator: In, values: [enabled]}}
            objectSelector: *not_off
        """
    )
    if revision != "default":
        del found["webhooks"][1]  # type: ignore[union-attr,arg-type]
    return found


def deployment(
    name: str,
    space: str = "mesh-demo",
    *,
    replicas: int = 1,
    labels: Mapping[str, str] | None = None,
    ports: Sequence[int] = (),
    conditions: Sequence[Raw] = (),
) -> Raw:
    """Return a Deployment on whose newest spec the cluster has acted."""
    container: Raw = {"name": name, "ports": [{"containerPort": port} for port in ports]}
    template: Raw = {
        "metadata": {"labels": {"app": name, **(labels or {})}},
        "spec": {"containers": [container]},
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": space, "uid": f"uid-{name}", "generation": 1},
        "spec": {"replicas": replicas, "template": template},
        "status": {"observedGeneration": 1, "conditions": list(conditions)},
    }


def replica_set(owner: str, revision: int = 1, space: str = "mesh-demo") -> Raw:
    """Return a ReplicaSet of a Deployment."""
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{owner}-{revision}",
            "namespace": space,
            "uid": f"uid-{owner}-{revision}",
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": [{"kind": "Deployment", "uid": f"uid-{owner}"}],
        },
    }


def pod(
    owner: str,
    letter: str = "a",
    *,
    sidecar: str = "native",
    status: Mapping[str, Json] | None = None,
    revision: int = 1,
    space: str = "mesh-demo",
    spec: Mapping[str, Json] | None = None,
    metadata: Mapping[str, Json] | None = None,
    conditions: Sequence[Raw] = (),
) -> Raw:
    """Return a running pod. `sidecar`: native, ordinary or none; `status`: of its application."""
    app: Raw = {"name": owner, **(status or READY)}
    proxy: Raw = {"name": "istio-proxy", **READY}
    is_native, has_one = sidecar == "native", sidecar == "ordinary"
    containers: list[Json] = [{"name": owner, "image": f"registry/{owner}"}]
    native: list[Json] = [{"name": "istio-proxy", "restartPolicy": "Always"}] if is_native else []
    return {
        "kind": "Pod",
        "metadata": {
            "name": f"{owner}-{revision}-{letter}",
            "namespace": space,
            "creationTimestamp": LONG_AGO,
            "labels": {"app": owner},
            "ownerReferences": [{"kind": "ReplicaSet", "uid": f"uid-{owner}-{revision}"}],
            **(metadata or {}),
        },
        "spec": {
            "containers": [*containers, *([{"name": "istio-proxy"}] if has_one else [])],
            "initContainers": native,
            **(spec or {}),
        },
        "status": {
            "phase": "Running",
            "initContainerStatuses": [proxy] if is_native else [],
            "containerStatuses": [app, *([proxy] if has_one else [])],
            "conditions": list(conditions),
        },
    }


def waiting(reason: str, message: str = "", **more: Json) -> Raw:
    """Return the status of a container that waits."""
    return {"ready": False, "state": {"waiting": {"reason": reason, "message": message}}, **more}


def crashed(code: int, said: str = "", why: str = "Error", **more: Json) -> Raw:
    """Return the status of a container between two crashes."""
    end: Raw = {"terminated": {"exitCode": code, "reason": why, "message": said}}
    return {**waiting("CrashLoopBackOff"), "lastState": end, "restartCount": 3, **more}


def condition(type_: str, status: str, message: str = "", since: str = "") -> Raw:
    return {"type": type_, "status": status, "message": message, "lastTransitionTime": since}
