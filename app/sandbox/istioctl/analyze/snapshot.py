"""The objects that analyze looks at: those of the cluster, and over them those of files."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import yaml

from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    labels_of,
    name_of,
    namespace_of,
    text,
)

# Namespaces that Istio never looks into.
IGNORED: Final = frozenset(("kube-system", "kube-public", "kube-node-lease", "local-path-storage"))
# Kinds that are read from the cluster alone: analyze leaves them out of files.
RUNTIME: Final = frozenset(("Service", "Namespace", "Node", "Pod", "Secret"))
KINDS: Final = {
    "Namespace": "namespaces",
    "Node": "nodes",
    "Pod": "pods",
    "Service": "services",
    "Secret": "secrets",
    "ConfigMap": "configmaps",
    "Deployment": "deployments.apps",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration": (
        "validatingwebhookconfigurations.admissionregistration.k8s.io"
    ),
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "VirtualService": "virtualservices.networking.istio.io",
    "DestinationRule": "destinationrules.networking.istio.io",
    "Gateway": "gateways.networking.istio.io",
    "ServiceEntry": "serviceentries.networking.istio.io",
    "Sidecar": "sidecars.networking.istio.io",
    "WorkloadEntry": "workloadentries.networking.istio.io",
    "WorkloadGroup": "workloadgroups.networking.istio.io",
    "EnvoyFilter": "envoyfilters.networking.istio.io",
    "ProxyConfig": "proxyconfigs.networking.istio.io",
    "PeerAuthentication": "peerauthentications.security.istio.io",
    "RequestAuthentication": "requestauthentications.security.istio.io",
    "AuthorizationPolicy": "authorizationpolicies.security.istio.io",
    "Telemetry": "telemetries.telemetry.istio.io",
    "WasmPlugin": "wasmplugins.extensions.istio.io",
    "TrafficExtension": "trafficextensions.extensions.istio.io",
}
UNREAD_SECRETS: Final = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
LEADER: Final = "control-plane.alpha.kubernetes.io/leader"
REVISION: Final = "istio.io/rev"
GROUPS: Final = {kind: resource.partition(".")[2] for kind, resource in KINDS.items()}


class Listing(Protocol):
    """Whatever gives the objects of a resource; the store does."""

    def list(self, resource: str, namespace: str = "") -> Sequence[Obj]:
        """Return objects by namespace and name."""
        ...


class Snapshot:
    """Resources by kind. One of a file stands before the cluster's of the same name."""

    def __init__(
        self,
        cluster: Iterable[Resource],
        files: Iterable[Resource] = (),
        istio_namespace: str = "istio-system",
    ) -> None:
        self.istio_namespace = istio_namespace
        self._by_kind: dict[str, dict[tuple[str, str], Resource]] = {}
        self._sorted: dict[str, list[Resource]] = {}
        for resource in (*cluster, *files):
            is_ignored = (
                resource.home if resource.kind == "Namespace" else resource.namespace
            ) in IGNORED
            if not is_ignored or resource.kind in ("Node", "ConfigMap"):
                key = (resource.namespace, resource.name)
                self._by_kind.setdefault(resource.kind, {})[key] = resource

    def all(self, kind: str) -> list[Resource]:
        """Return the resources of a kind by namespace and name."""
        if kind not in self._sorted:
            found = self._by_kind.get(kind, {})
            self._sorted[kind] = [found[key] for key in sorted(found)]
        return self._sorted[kind]

    def find(self, kind: str, namespace: str, name: str) -> Resource | None:
        """Return one resource, None where there is none."""
        return self._by_kind.get(kind, {}).get((namespace, name))

    def mesh_config(self) -> Obj:
        """Return the mesh's configuration as the control plane's ConfigMap has it."""
        return self._configured("istio", "mesh")

    def injector_values(self, revision: str = "") -> Obj:
        """Return the values that the injector of a revision was installed with."""
        suffix = "" if revision in ("", "default") else f"-{revision}"
        return self._configured(f"istio-sidecar-injector{suffix}", "values")

    def _configured(self, name: str, key: str) -> Obj:
        found = self.find("ConfigMap", self.istio_namespace, name)
        data: Json = found.obj.get("data") if found else None
        try:
            loaded = yaml.safe_load(text(data, key)) if data else None
        except yaml.YAMLError:
            return {}
        return loaded if isinstance(loaded, dict) else {}


def of_cluster(
    listing: Listing, revision: str = "default", istio_namespace: str = "istio-system"
) -> list[Resource]:
    """Return everything in a cluster that analyze looks at for one revision of the mesh."""
    return [
        Resource(obj, kind)
        for kind, resource in KINDS.items()
        for obj in listing.list(resource)
        if _is_read(obj, kind, revision, istio_namespace)
    ]


def _is_read(obj: Obj, kind: str, revision: str, istio_namespace: str) -> bool:
    if kind == "Secret":
        return text(obj, "type") not in UNREAD_SECRETS
    if kind == "ConfigMap":
        is_own = namespace_of(obj) == istio_namespace and name_of(obj).startswith("istio")
        return is_own and LEADER not in annotations_of(obj)
    return kind in RUNTIME or labels_of(obj).get(REVISION, revision) == revision
