"""istiod: its deployment, services, settings and accounts."""

import json

import yaml

from app.sandbox.istiod.installation.marks import (
    NAMESPACE,
    PILOT_IMAGE,
    REVISION,
    env,
    field_env,
    limit_env,
    mount,
    obj,
    owned,
    token_volume,
)
from app.sandbox.istiod.installation.values import values
from app.sandbox.istiod.installation.webhooks import injector, validators
from app.sandbox.objects import Json, Obj

PORTS = (("grpc-xds", 15010, 15010), ("https-dns", 15012, 15012), ("https-webhook", 443, 15017),
         ("http-monitoring", 15014, 15014))  # fmt: skip
RBAC = "rbac.authorization.k8s.io"


OWNER = "install.operator.istio.io/owning-resource"


def labels(**more: str) -> Obj:
    """Return the labels of an object of the control plane."""
    return owned("Pilot", "istiod", "istiod", **more)


def free(marks: Obj) -> Obj:
    """Return labels without the owner's: accounts, roles and validators have none."""
    return {key: value for key, value in marks.items() if key != OWNER}


def objects(mesh: Obj, *, is_small: bool) -> list[Obj]:
    """Return the control plane's objects; `mesh` is the mesh configuration."""
    name = "istiod"
    return [
        *_accounts(),
        _settings(mesh),
        *_injection_settings(is_small=is_small),
        *validators(free(labels(app=name, istio=name)), _tagged(labels(app=name, istio=name))),
        injector("istio-sidecar-injector", labels(app="sidecar-injector")),
        injector("istio-revision-tag-default", _tagged(labels(app="sidecar-injector"))),
        _deployment(is_small=is_small),
        _service(name, labels(app=name, istio="pilot"), {"app": name, "istio": "pilot"}),
        _service(
            "istiod-revision-tag-default",
            _tagged(labels(app=name, istio="pilot")),
            {"app": name, "istio.io/rev": REVISION},
        ),
        *([] if is_small else [autoscaler(name, labels(app=name, istio="pilot"))]),
    ]


def _tagged(marks: Obj) -> Obj:
    return {
        **marks,
        "install.operator.istio.io/owning-resource-not-pruned": "true",
        "istio.io/tag": "default",
    }


def autoscaler(name: str, marks: Obj) -> Obj:
    """Return the autoscaler of a deployment, as profiles other than demo have."""
    cpu: Obj = {"name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}}
    target: Obj = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec: Obj = {
        "maxReplicas": 5,
        "minReplicas": 1,
        "metrics": [{"resource": cpu, "type": "Resource"}],
        "scaleTargetRef": target,
    }
    return obj("autoscaling/v2", "HorizontalPodAutoscaler", name, marks, spec=spec)


def _service(name: str, marks: Obj, selector: Obj) -> Obj:
    ports: list[Json] = [
        {"name": port, "port": number, "protocol": "TCP", "targetPort": target}
        for port, number, target in PORTS
    ]
    return obj("v1", "Service", name, marks, spec={"ports": ports, "selector": selector})


def _rule(groups: str, resources: str, verbs: str = "get list watch") -> Obj:
    return {
        "apiGroups": ["" if group == "core" else group for group in groups.split()],
        "resources": [*resources.split()],
        "verbs": [*verbs.split()],
    }


def _accounts() -> list[Obj]:
    """Return accounts with their roles, as far as this control plane needs them."""
    roles = {
        "istiod-clusterrole-istio-system": [
            _rule(
                "networking.istio.io security.istio.io telemetry.istio.io extensions.istio.io", "*",
                "get watch list update patch create delete",
            ),
            _rule("core", "pods nodes services namespaces endpoints"),
            _rule("discovery.k8s.io", "endpointslices"),
            _rule(
                "admissionregistration.k8s.io",
                "mutatingwebhookconfigurations validatingwebhookconfigurations",
                "get list watch update patch",
            ),
        ],
        "istiod-gateway-controller-istio-system": [
            _rule("apps", "deployments", "get watch list update patch create delete"),
            _rule(
                "core", "services serviceaccounts", "get watch list update patch create delete"
            ),
        ],
    }  # fmt: skip
    role = [
        _rule("core", "secrets", "create get watch list update delete"),
        _rule("core", "configmaps", "delete"),
        _rule("coordination.k8s.io", "leases", "get update patch create"),
    ]
    marks = free(labels(app="istiod"))
    reader = free(owned("Pilot", "istio-reader", "istiod", app="istio-reader"))
    account: Obj = {"kind": "ServiceAccount", "name": "istiod", "namespace": NAMESPACE}
    made = [obj("v1", "ServiceAccount", "istiod", marks)]
    name = "istio-reader-clusterrole-istio-system"
    made.append(cluster_role(name, reader, [_rule("core", "endpoints pods services nodes")]))
    by: Obj = {**account, "name": "istio-reader-service-account"}
    made.append(binding("ClusterRole", name, reader, by))
    for name, rules in roles.items():
        made.append(cluster_role(name, marks, rules))
        made.append(binding("ClusterRole", name, marks, account))
    made.append(obj(f"{RBAC}/v1", "Role", "istiod", marks, rules=role))
    made.append(binding("Role", "istiod", marks, account))
    return made


def cluster_role(name: str, marks: Obj, rules: list[Obj]) -> Obj:
    """Return a ClusterRole."""
    return obj(f"{RBAC}/v1", "ClusterRole", name, marks, is_namespaced=False, rules=rules)


def binding(kind: str, name: str, marks: Obj, account: Obj) -> Obj:
    """Return the binding of a Role or ClusterRole of the same name to an account."""
    return obj(
        f"{RBAC}/v1",
        f"{kind}Binding",
        name,
        marks,
        is_namespaced=kind != "ClusterRole",
        roleRef={"apiGroup": RBAC, "kind": kind, "name": name},
        subjects=[account],
    )


def _settings(mesh: Obj) -> Obj:
    data: Obj = {"mesh": yaml.safe_dump(mesh), "meshNetworks": "networks: {}"}
    return obj("v1", "ConfigMap", "istio", labels(), data=data)


def _injection_settings(*, is_small: bool) -> list[Obj]:
    """Return what tools look up: the values. The template is in code here, and says so."""
    said = json.dumps(values(is_small=is_small), indent=2)
    config = "# No template: the sandbox injects by itself.\npolicy: enabled\n"
    data: Obj = {"config": config, "values": said}
    merged: Obj = {"merged-values": said, "original-values": "{}"}
    return [
        obj("v1", "ConfigMap", "istio-sidecar-injector", labels(), data=data),
        obj("v1", "ConfigMap", "values", labels(), data=merged),
    ]


def _container(*, is_small: bool) -> Obj:
    ports: list[Json] = [
        {"containerPort": number, "name": name, "protocol": "TCP"}
        for name, number in (("http-debug", 8080), ("grpc-xds", 15010), ("tls-xds", 15012),
                             ("https-webhooks", 15017), ("http-monitoring", 15014))
    ]  # fmt: skip
    variables: list[Json] = [
        env("REVISION", REVISION),
        env("PILOT_CERT_PROVIDER", "istiod"),
        field_env("POD_NAME", "metadata.name"),
        field_env("POD_NAMESPACE", "metadata.namespace"),
        field_env("SERVICE_ACCOUNT", "spec.serviceAccountName"),
        env("KUBECONFIG", "/var/run/secrets/remote/config"),
        env("CA_TRUSTED_NODE_ACCOUNTS", "istio-system/ztunnel"),
        env("PILOT_TRACE_SAMPLING", "100" if is_small else "1"),
        env("PILOT_ENABLE_ANALYSIS", "false"),
        env("CLUSTER_ID", "Kubernetes"),
        limit_env("GOMAXPROCS", "limits.cpu"),
        env("PLATFORM", ""),
    ]
    return {
        "name": "discovery",
        "image": PILOT_IMAGE,
        "args": ["discovery", "--monitoringAddr=:15014", "--log_output_level=default:info",
                 "--domain", "cluster.local", "--keepaliveMaxServerConnectionAge", "30m"],
        "ports": ports,
        "env": variables,
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": 8080},
            "initialDelaySeconds": 1, "periodSeconds": 3, "timeoutSeconds": 5,
        },
        "resources": {"requests": {"cpu": "10m", "memory": "100Mi"} if is_small
                      else {"cpu": "500m", "memory": "2048Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True, "runAsNonRoot": True,
        },
        "volumeMounts": [
            mount("/var/run/secrets/tokens", "istio-token", is_read_only=True),
            mount("/var/run/secrets/istio-dns", "local-certs"),
            mount("/etc/cacerts", "cacerts", is_read_only=True),
            mount("/var/run/secrets/remote", "istio-kubeconfig", is_read_only=True),
        ],
    }  # fmt: skip


def _deployment(*, is_small: bool) -> Obj:
    marks = labels(app="istiod", istio="pilot")
    on_pod = {"istio.io/dataplane-mode": "none", "sidecar.istio.io/inject": "false"}
    unmarked = ("operator.istio.io/managed", "operator.istio.io/version", "release",
                "install.operator.istio.io/owning-resource-namespace")  # fmt: skip
    pod_labels: Obj = {key: value for key, value in marks.items() if key not in unmarked}
    annotations: Obj = {
        "prometheus.io/port": "15014",
        "prometheus.io/scrape": "true",
        "sidecar.istio.io/inject": "false",
    }
    spec: Obj = {
        "containers": [_container(is_small=is_small)],
        "serviceAccountName": "istiod",
        "tolerations": [{"key": "cni.istio.io/not-ready", "operator": "Exists"}],
        "volumes": [
            {"emptyDir": {"medium": "Memory"}, "name": "local-certs"},
            token_volume(),
            {"name": "cacerts", "secret": {"optional": True, "secretName": "cacerts"}},
            {"name": "istio-kubeconfig",
             "secret": {"optional": True, "secretName": "istio-kubeconfig"}},
        ],
    }  # fmt: skip
    template: Obj = {
        "metadata": {"annotations": annotations, "labels": {**pod_labels, **on_pod}},
        "spec": spec,
    }
    return deployment("istiod", marks, {"istio": "pilot"}, template)


def deployment(name: str, marks: Obj, selector: Obj, template: Obj) -> Obj:
    """Return a deployment of one replica that never has fewer pods than before."""
    spec: Obj = {
        "replicas": 1,
        "selector": {"matchLabels": selector},
        "strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": "25%"}},
        "template": template,
    }
    return obj("apps/v1", "Deployment", name, marks, spec=spec)
