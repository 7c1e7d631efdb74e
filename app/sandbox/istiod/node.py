"""Who a proxy says it is: the node of its bootstrap, as istioctl prints it."""

from app.sandbox.istiod.envoy.proxies import Proxy
from app.sandbox.istiod.hosts import CLUSTER
from app.sandbox.istiod.installation.marks import VERSION
from app.sandbox.istiod.workload import Workload
from app.sandbox.objects import (
    Obj,
    annotations_of,
    items,
    labels_of,
    name_of,
    namespace_of,
    text,
)


def node(proxy: Proxy, ip: str) -> Obj:
    """Return the node: type, address, pod and namespace in its id, the rest in its metadata."""
    pod = proxy.pod
    name, namespace = name_of(pod), namespace_of(pod)
    workload = Workload.of(pod)
    names = [text(each, "name") for each in items(pod, "spec.containers")]
    metadata: Obj = {
        "ANNOTATIONS": {**annotations_of(pod)},
        "APP_CONTAINERS": ",".join(names),
        "CLUSTER_ID": "Kubernetes",
        "INSTANCE_IPS": ip,
        "INTERCEPTION_MODE": "REDIRECT",
        "ISTIO_VERSION": VERSION,
        "LABELS": {**labels_of(pod)},
        "MESH_ID": CLUSTER,
        "NAME": name,
        "NAMESPACE": namespace,
        "NODE_NAME": text(pod, "spec.nodeName"),
        "OWNER": workload.owner,
        "SERVICE_ACCOUNT": text(pod, "spec.serviceAccountName", "default"),
        "WORKLOAD_NAME": workload.name,
    }
    kind = "router" if proxy.is_gateway else "sidecar"
    return {
        "id": f"{kind}~{ip}~{name}.{namespace}~{namespace}.svc.{CLUSTER}",
        "cluster": f"{workload.canonical_name}.{namespace}",
        "metadata": metadata,
    }
