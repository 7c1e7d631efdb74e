"""What a cluster shows before anybody has done anything in it: modelled on a fresh minikube."""

from app.sandbox.objects import Json, Obj

NODE = "minikube"
NODE_IP = "192.168.49.2"
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
API_PORT = 8443


def objects(version: str) -> list[Obj]:
    """Return the objects of a fresh cluster, in the order of creating; `version`: v1.36.3."""
    return [
        *(_object("v1", "Namespace", name) for name in NAMESPACES),
        _kubernetes(),
        _kubernetes_slice(),
        _kubernetes_endpoints(),
        _object("v1", "ServiceAccount", "coredns", "kube-system"),
        _corefile(),
        _dns(),
        _coredns(),
        *(_control_plane(name, version) for name in CONTROL_PLANE),
    ]


CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def _object(api: str, kind: str, name: str, namespace: str = "", labels: Obj | None = None) -> Obj:
    meta: Obj = {"name": name}
    if namespace:
        meta["namespace"] = namespace
    if labels:
        meta["labels"] = labels
    return {"apiVersion": api, "kind": kind, "metadata": meta}


def _kubernetes() -> Obj:
    labels: Obj = {"component": "apiserver", "provider": "kubernetes"}
    port: Obj = {"name": "https", "port": 443, "protocol": "TCP", "targetPort": API_PORT}
    return {
        **_object("v1", "Service", "kubernetes", "default", labels),
        "spec": {"clusterIP": "10.96.0.1", "type": "ClusterIP", "ports": [port]},
    }


def _kubernetes_slice() -> Obj:
    labels: Obj = {"kubernetes.io/service-name": "kubernetes"}
    return {
        **_object("discovery.k8s.io/v1", "EndpointSlice", "kubernetes", "default", labels),
        "addressType": "IPv4",
        "endpoints": [{"addresses": [NODE_IP], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": API_PORT, "protocol": "TCP"}],
    }


def _kubernetes_endpoints() -> Obj:
    labels: Obj = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    ports: list[Json] = [{"name": "https", "port": API_PORT, "protocol": "TCP"}]
    return {
        **_object("v1", "Endpoints", "kubernetes", "default", labels),
        "subsets": [{"addresses": [{"ip": NODE_IP}], "ports": ports}],
    }


def _corefile() -> Obj:
    text = (
        ".:53 {\n    errors\n    health\n    ready\n    kubernetes cluster.local\n    cache 30\n}\n"
    )
    return {**_object("v1", "ConfigMap", "coredns", "kube-system"), "data": {"Corefile": text}}


def _dns() -> Obj:
    labels: Obj = {
        "k8s-app": "kube-dns",
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
    }
    ports: list[Json] = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
        {"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": 9153},
    ]
    spec: Obj = {"clusterIP": "10.96.0.10", "ports": ports, "selector": {"k8s-app": "kube-dns"}}
    return {**_object("v1", "Service", "kube-dns", "kube-system", labels), "spec": spec}


def _coredns() -> Obj:
    labels: Obj = {"k8s-app": "kube-dns"}
    container: Obj = {
        "name": "coredns",
        "image": "registry.k8s.io/coredns/coredns:v1.13.1",
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
        "resources": {
            "requests": {"cpu": "100m", "memory": "70Mi"},
            "limits": {"memory": "170Mi"},
        },
    }
    template: Obj = {
        "metadata": {"labels": labels},
        "spec": {"serviceAccountName": "coredns", "containers": [container]},
    }
    return {
        **_object("apps/v1", "Deployment", "coredns", "kube-system", labels),
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


def _control_plane(name: str, version: str) -> Obj:
    """Return the pod of a part of the control plane; its program does nothing but wait."""
    labels: Obj = {"component": name, "tier": "control-plane"}
    tag = "3.6.5-0" if name == "etcd" else version
    container: Obj = {
        "name": name,
        "image": f"registry.k8s.io/{name}:{tag}",
        "imagePullPolicy": "IfNotPresent",
        "command": [name],
        "resources": {"requests": {"cpu": "100m"}},
    }
    return {
        **_object("v1", "Pod", f"{name}-{NODE}", "kube-system", labels),
        "spec": {
            "hostNetwork": True,
            "nodeName": NODE,
            "priority": 2_000_001_000,
            "priorityClassName": "system-node-critical",
            "tolerations": [{"effect": "NoExecute", "operator": "Exists"}],
            "containers": [container],
        },
    }
