"""A gateway: its deployment, service, account and role."""

from app.sandbox.istiod.installation.marks import (
    NAMESPACE,
    PROXY_IMAGE,
    env,
    field_env,
    limit_env,
    mount,
    obj,
    owned,
    podinfo_volume,
    token_volume,
)
from app.sandbox.istiod.installation.pilot import RBAC, autoscaler, binding, deployment
from app.sandbox.objects import Json, Obj

INGRESS_PORTS = (("status-port", 15021, 15021), ("http2", 80, 8080), ("https", 443, 8443),
                 ("tcp", 31400, 31400), ("tls", 15443, 15443))  # fmt: skip
EGRESS_PORTS = (("http2", 80, 8080), ("https", 443, 8443))


def objects(way: str, *, is_small: bool) -> list[Obj]:
    """Return the objects of the gateway `ingress` or `egress`."""
    name, short = f"istio-{way}gateway", f"{way}gateway"
    marks = owned(f"{way.capitalize()}Gateways", name, f"istio-{way}", app=name, istio=short)
    account = f"{name}-service-account"
    rule: Obj = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "watch", "list"]}
    subject: Obj = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    ports = INGRESS_PORTS if way == "ingress" else EGRESS_PORTS
    service: Obj = {
        "ports": [
            {"name": port, "port": number, "protocol": "TCP", "targetPort": target}
            for port, number, target in ports
        ],
        "selector": {"app": name, "istio": short},
        "type": "LoadBalancer" if way == "ingress" else "ClusterIP",
    }
    return [
        obj("v1", "ServiceAccount", account, marks),
        _deployment(way, marks, is_small=is_small),
        obj(f"{RBAC}/v1", "Role", f"{name}-sds", marks, rules=[rule]),
        binding("Role", f"{name}-sds", marks, subject),
        *([] if is_small else [autoscaler(name, marks)]),
        obj("v1", "Service", name, marks, spec=service),
    ]


def _deployment(way: str, marks: Obj, *, is_small: bool) -> Obj:
    name, short = f"istio-{way}gateway", f"{way}gateway"
    left_out = ("operator.istio.io/managed", "operator.istio.io/version",
                "install.operator.istio.io/owning-resource-namespace")  # fmt: skip
    labels: Obj = {
        **{key: value for key, value in marks.items() if key not in left_out},
        "chart": "gateways",
        "heritage": "Tiller",
        "istio.io/dataplane-mode": "none",
        "service.istio.io/canonical-name": name,
        "service.istio.io/canonical-revision": "latest",
        "sidecar.istio.io/inject": "false",
    }
    annotations: Obj = {"istio.io/rev": "default", "sidecar.istio.io/inject": "false"}
    spec: Obj = {
        "containers": [_container(way, is_small=is_small)],
        "securityContext": {"runAsGroup": 1337, "runAsNonRoot": True, "runAsUser": 1337},
        "serviceAccountName": f"{name}-service-account",
        "volumes": _volumes(way),
    }
    template: Obj = {"metadata": {"annotations": annotations, "labels": labels}, "spec": spec}
    marks = {**marks, "istio.io/dataplane-mode": "none"}
    return deployment(name, marks, {"app": name, "istio": short}, template)


def _container(way: str, *, is_small: bool) -> Obj:
    ports = INGRESS_PORTS if way == "ingress" else EGRESS_PORTS
    ports_of_pod: list[Json] = [
        {"containerPort": target, "protocol": "TCP"} for _, _, target in ports
    ]
    requests: Obj = (
        {"cpu": "10m", "memory": "40Mi"} if is_small else {"cpu": "100m", "memory": "128Mi"}
    )
    return {
        "name": "istio-proxy",
        "image": PROXY_IMAGE,
        "args": ["proxy", "router", "--domain", "$(POD_NAMESPACE).svc.cluster.local",
                 "--proxyLogLevel=warning", "--proxyComponentLogLevel=misc:error",
                 "--log_output_level=default:info"],
        "ports": [
            *ports_of_pod,
            {"containerPort": 15090, "name": "http-envoy-prom", "protocol": "TCP"},
        ],
        "env": _env(f"istio-{way}gateway"),
        "readinessProbe": {
            "failureThreshold": 30,
            "httpGet": {"path": "/healthz/ready", "port": 15021, "scheme": "HTTP"},
            "initialDelaySeconds": 1, "periodSeconds": 2, "successThreshold": 1,
            "timeoutSeconds": 1,
        },
        "resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": requests},
        "securityContext": {
            "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
            "privileged": False, "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            mount("/var/run/secrets/workload-spiffe-uds", "workload-socket"),
            mount("/var/run/secrets/credential-uds", "credential-socket"),
            mount("/var/run/secrets/workload-spiffe-credentials", "workload-certs"),
            mount("/etc/istio/proxy", "istio-envoy"),
            mount("/etc/istio/config", "config-volume"),
            mount("/var/run/secrets/istio", "istiod-ca-cert"),
            mount("/var/run/secrets/tokens", "istio-token", is_read_only=True),
            mount("/var/lib/istio/data", "istio-data"),
            mount("/etc/istio/pod", "podinfo"),
            mount(f"/etc/istio/{way}gateway-certs", f"{way}gateway-certs", is_read_only=True),
            mount(
                f"/etc/istio/{way}gateway-ca-certs", f"{way}gateway-ca-certs", is_read_only=True
            ),
        ],
    }  # fmt: skip


def _env(name: str) -> list[Json]:
    owner = f"kubernetes://apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}"
    return [
        env("PILOT_CERT_PROVIDER", "istiod"),
        env("CA_ADDR", "istiod.istio-system.svc:15012"),
        field_env("NODE_NAME", "spec.nodeName"),
        field_env("POD_NAME", "metadata.name"),
        field_env("POD_NAMESPACE", "metadata.namespace"),
        field_env("INSTANCE_IP", "status.podIP"),
        field_env("HOST_IP", "status.hostIP"),
        limit_env("ISTIO_CPU_LIMIT", "limits.cpu"),
        field_env("SERVICE_ACCOUNT", "spec.serviceAccountName"),
        env("ISTIO_META_WORKLOAD_NAME", name),
        env("ISTIO_META_OWNER", owner),
        env("ISTIO_META_MESH_ID", "cluster.local"),
        env("TRUST_DOMAIN", "cluster.local"),
        env("ISTIO_META_UNPRIVILEGED_POD", "true"),
        env("ISTIO_META_CLUSTER_ID", "Kubernetes"),
        field_env("ISTIO_META_NODE_NAME", "spec.nodeName"),
    ]


def _volumes(way: str) -> list[Json]:
    empty = ("workload-socket", "credential-socket", "workload-certs", "istio-envoy", "istio-data")
    volumes: list[Json] = [{"emptyDir": {}, "name": name} for name in empty]
    volumes += [
        {"configMap": {"name": "istio-ca-root-cert"}, "name": "istiod-ca-cert"},
        podinfo_volume("podinfo"),
        token_volume(),
        {"configMap": {"name": "istio", "optional": True}, "name": "config-volume"},
    ]
    for name in (f"{way}gateway-certs", f"{way}gateway-ca-certs"):
        secret: Obj = {"optional": True, "secretName": f"istio-{name}"}
        volumes.append({"name": name, "secret": secret})
    return volumes
