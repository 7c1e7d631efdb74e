"""A pod with its sidecar: what the injection template of Istio 1.31 makes of a pod."""

import json
from collections.abc import Sequence

from app.sandbox.istiod.installation.marks import (
    PROXY_IMAGE,
    REVISION,
    env,
    field_env,
    limit_env,
    mount,
    podinfo_volume,
    token_volume,
)
from app.sandbox.istiod.probes import rewritten
from app.sandbox.istiod.workload import Workload
from app.sandbox.objects import Json, Obj, annotations_of, items, labels_of, table, text
from app.sandbox.proxy.statistics import written

STATUS = "sidecar.istio.io/status"
VOLUMES = ("workload-socket", "credential-socket", "workload-certs", "istio-envoy", "istio-data",
           "istio-podinfo", "istio-token", "istiod-ca-cert", "istio-ca-crl")  # fmt: skip
MOUNTS = (
    ("/var/run/secrets/workload-spiffe-uds", "workload-socket"),
    ("/var/run/secrets/credential-uds", "credential-socket"),
    ("/var/run/secrets/workload-spiffe-credentials", "workload-certs"),
    ("/var/run/secrets/istio", "istiod-ca-cert"),
    ("/var/run/secrets/istio/crl", "istio-ca-crl"),
    ("/var/lib/istio/data", "istio-data"),
    ("/etc/istio/proxy", "istio-envoy"),
    ("/var/run/secrets/tokens", "istio-token"),
    ("/etc/istio/pod", "istio-podinfo"),
)
REDIRECT = ("istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i",
            "*", "-x", "", "-b", "*", "-d", "15090,15021,15020",
            "--log_output_level=default:info")  # fmt: skip
LIMITS: Obj = {"cpu": "2", "memory": "1Gi"}


def with_sidecar(pod: Obj, requests: Obj) -> Obj:
    """Return the pod with its sidecar; `requests` are the sidecar's cpu and memory by default."""
    containers, probes = rewritten(items(pod, "spec.containers"))
    app = text(containers[0], "name") if containers else ""
    resources = _resources(pod, requests)
    first: list[Json] = [_redirection(pod, resources), _proxy(pod, containers, probes, resources)]
    spec: Obj = {
        **table(pod, "spec"),
        "containers": list[Json](containers),
        "initContainers": first + list[Json](items(pod, "spec.initContainers")),
        "volumes": _volumes() + list[Json](items(pod, "spec.volumes")),
    }
    return {**pod, "metadata": _metadata(pod, app), "spec": spec}


def _metadata(pod: Obj, app: str) -> Obj:
    labels, annotations = labels_of(pod), annotations_of(pod)
    workload = Workload.of(pod)
    status: Obj = {
        "initContainers": ["istio-init", "istio-proxy"],
        "containers": None,
        "volumes": [*VOLUMES],
        "imagePullSecrets": None,
        "revision": REVISION,
    }
    return {
        **table(pod, "metadata"),
        "labels": {
            "security.istio.io/tlsMode": "istio",
            "service.istio.io/canonical-name": workload.canonical_name,
            "service.istio.io/canonical-revision": workload.canonical_revision,
            **labels,
        },
        "annotations": {
            "istio.io/rev": REVISION,
            "kubectl.kubernetes.io/default-container": app,
            "kubectl.kubernetes.io/default-logs-container": app,
            **annotations,
            STATUS: json.dumps(status, separators=(",", ":")),
        },
    }


def _resources(pod: Obj, requests: Obj) -> Obj:
    """Return the sidecar's resources; the pod's annotations replace the defaults as a whole."""
    said = annotations_of(pod)
    prefix = "sidecar.istio.io/proxy"
    asked: Obj = {
        key: said[prefix + name]
        for key, name in (("cpu", "CPU"), ("memory", "Memory"))
        if prefix + name in said
    }
    limits: Obj = {
        key: said[prefix + name]
        for key, name in (("cpu", "CPULimit"), ("memory", "MemoryLimit"))
        if prefix + name in said
    }
    if not asked and not limits:
        return {"limits": LIMITS, "requests": requests}
    found: Obj = {}
    if limits:
        found["limits"] = limits
    if asked:
        found["requests"] = asked
    return found


def _image(pod: Obj) -> str:
    return annotations_of(pod).get("sidecar.istio.io/proxyImage", PROXY_IMAGE)


def _redirection(pod: Obj, resources: Obj) -> Obj:
    return {
        "args": [*REDIRECT],
        "image": _image(pod),
        "imagePullPolicy": "IfNotPresent",
        "name": "istio-init",
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": False,
            "runAsGroup": 0,
            "runAsNonRoot": False,
            "runAsUser": 0,
        },
    }


def _proxy(pod: Obj, containers: Sequence[Obj], probes: Obj, resources: Obj) -> Obj:
    def probe(failures: int, period_s: int) -> Obj:
        return {
            "failureThreshold": failures,
            "httpGet": {"path": "/healthz/ready", "port": 15021, "scheme": "HTTP"},
            "periodSeconds": period_s,
            "successThreshold": 1,
            "timeoutSeconds": 3,
        }

    drain = ["pilot-agent", "request", "--debug-port=15020", "POST", "drain"]
    return {
        "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local",
                 "--proxyLogLevel=warning", "--proxyComponentLogLevel=misc:error",
                 "--log_output_level=default:info"],
        "env": _env(pod, containers, probes),
        "image": _image(pod),
        "imagePullPolicy": "IfNotPresent",
        "lifecycle": {"preStop": {"exec": {"command": [*drain]}}},
        "name": "istio-proxy",
        "ports": [{"containerPort": 15090, "name": "http-envoy-prom", "protocol": "TCP"}],
        "readinessProbe": probe(4, 15),
        "resources": resources,
        "restartPolicy": "Always",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsGroup": 1337,
            "runAsNonRoot": True,
            "runAsUser": 1337,
        },
        "startupProbe": probe(600, 1),
        "volumeMounts": [mount(path, name) for path, name in MOUNTS],
    }  # fmt: skip


def _env(pod: Obj, containers: Sequence[Obj], probes: Obj) -> list[Json]:
    workload = Workload.of(pod)
    names = ",".join(text(container, "name") for container in containers)
    known: list[Json] = []
    if workload.name:
        known = [
            env("ISTIO_META_WORKLOAD_NAME", workload.name),
            env("ISTIO_META_OWNER", workload.owner),
        ]
    said: list[Json] = []
    if probes:
        said = [env("ISTIO_KUBE_APP_PROBERS", json.dumps(probes, separators=(",", ":")))]
    return [
        env("PILOT_CERT_PROVIDER", "istiod"),
        env("CA_ADDR", "istiod.istio-system.svc:15012"),
        field_env("POD_NAME", "metadata.name"),
        field_env("POD_NAMESPACE", "metadata.namespace"),
        field_env("INSTANCE_IP", "status.podIP"),
        field_env("SERVICE_ACCOUNT", "spec.serviceAccountName"),
        field_env("HOST_IP", "status.hostIP"),
        limit_env("ISTIO_CPU_LIMIT", "limits.cpu"),
        env("PROXY_CONFIG", written(annotations_of(pod))),
        env("ISTIO_META_POD_PORTS", _ports(containers)),
        env("ISTIO_META_APP_CONTAINERS", names),
        limit_env("GOMEMLIMIT", "limits.memory"),
        limit_env("GOMAXPROCS", "limits.cpu"),
        env("ISTIO_META_CLUSTER_ID", "Kubernetes"),
        field_env("ISTIO_META_NODE_NAME", "spec.nodeName"),
        env("ISTIO_META_INTERCEPTION_MODE", "REDIRECT"),
        *known,
        env("ISTIO_META_MESH_ID", "cluster.local"),
        env("TRUST_DOMAIN", "cluster.local"),
        *said,
    ]


def _ports(containers: Sequence[Obj]) -> str:
    """Return the containers' ports as the template writes them, one a line."""
    keys = ("name", "hostPort", "containerPort", "protocol")
    lines = [
        json.dumps({key: port[key] for key in keys if key in port}, separators=(",", ":"))
        for container in containers
        for port in items(container, "ports")
    ]
    written = "".join(f"    {',' if place else ''}{line}\n" for place, line in enumerate(lines))
    return f"[\n{written}]"


def _volumes() -> list[Json]:
    crl: Obj = {"name": "istio-ca-crl", "optional": True}
    return [
        {"emptyDir": {}, "name": "workload-socket"},
        {"emptyDir": {}, "name": "credential-socket"},
        {"emptyDir": {}, "name": "workload-certs"},
        {"emptyDir": {"medium": "Memory"}, "name": "istio-envoy"},
        {"emptyDir": {}, "name": "istio-data"},
        podinfo_volume("istio-podinfo"),
        token_volume(),
        {"configMap": {"name": "istio-ca-root-cert"}, "name": "istiod-ca-cert"},
        {"configMap": crl, "name": "istio-ca-crl"},
    ]
