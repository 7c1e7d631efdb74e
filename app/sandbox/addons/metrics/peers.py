"""Who takes part in a request, as Istio's labels name it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.sandbox.istiod.envoy.inbound import servers
from app.sandbox.istiod.identities import spiffe
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.istiod.services import services
from app.sandbox.istiod.workload import Workload
from app.sandbox.objects import Obj, labels_of, namespace_of, text
from app.sandbox.store.store import Store

NOBODY = "unknown"
CLUSTER = "Kubernetes"


@dataclass(frozen=True)
class Peer:
    """A workload: its name and namespace, its app and version, what it can prove to be."""

    workload: str = NOBODY
    namespace: str = NOBODY
    app: str = NOBODY
    version: str = NOBODY
    canonical: str = NOBODY
    revision: str = "latest"
    principal: str = NOBODY
    cluster: str = NOBODY

    @classmethod
    def of_pod(cls, pod: Obj) -> "Peer":
        """Return the workload of a pod."""
        workload, labels = Workload.of(pod), labels_of(pod)
        namespace = namespace_of(pod)
        return cls(
            workload.name or NOBODY,
            namespace,
            labels.get("app") or workload.canonical_name or NOBODY,
            labels.get("version") or workload.canonical_revision,
            workload.canonical_name or NOBODY,
            workload.canonical_revision,
            spiffe(namespace, text(pod, "spec.serviceAccountName", "default")),
            CLUSTER,
        )

    @classmethod
    def of_metadata(cls, said: str, principal: str) -> "Peer":
        """Return the workload that an endpoint's metadata names."""
        parts = [part or NOBODY for part in said.split(";")]
        if len(parts) < 5:
            return cls(principal=principal or NOBODY)
        name, namespace, app, version, cluster = parts[:5]
        proved = principal or NOBODY
        return cls(name, namespace, app, version, app, version, proved, cluster)


@dataclass(frozen=True)
class Destination:
    """A service as it was asked for: its host, its name, its namespace."""

    host: str = NOBODY
    name: str = NOBODY
    namespace: str = NOBODY

    @classmethod
    def of_cluster(cls, cluster: str, host: str) -> "Destination":
        """Return the service of an outbound cluster; `host` is what the request named."""
        parts = cluster.split("|")
        if len(parts) == 4 and parts[3]:
            name, _, rest = parts[3].partition(".")
            return cls(parts[3], name, rest.partition(".")[0] or NOBODY)
        return cls(host or NOBODY, cluster or NOBODY, NOBODY)


def destinations(store: Store, pod: Obj) -> Mapping[int, Destination]:
    """Return the service behind each port of a pod."""
    namespace = namespace_of(pod)
    mesh = Mesh(
        services(store.list("services", namespace), (), ()), (), (), (), (), (), lambda ip, port: ""
    )
    return {
        each.port: Destination(each.host, each.services[0], namespace)
        for each in servers(mesh, pod)
        if each.services
    }
