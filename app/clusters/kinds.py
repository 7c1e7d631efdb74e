"""The kinds of objects that the app knows: where each lives in the API, and in which versions."""

from dataclasses import dataclass
from typing import Final

from app.errors import NotFound

NETWORKING = "networking.istio.io"
SECURITY = "security.istio.io"


@dataclass(frozen=True)
class ObjectKind:
    """Where a kind lives. `versions` are those the app can read, the preferred one first."""

    name: str
    group: str
    versions: tuple[str, ...]
    plural: str
    is_namespaced: bool = True
    names_only: bool = False  # only metadata is ever read: the rest is secret, or far too much

    @property
    def has_one_version(self) -> bool:
        """Whether there is nothing to ask the API server before reading it."""
        return len(self.versions) == 1


def _core(name: str, plural: str, *, namespaced: bool = True) -> ObjectKind:
    return ObjectKind(name, "", ("v1",), plural, namespaced, names_only=name == "Secret")


def _v1(name: str, group: str, plural: str, *, namespaced: bool = True) -> ObjectKind:
    return ObjectKind(name, group, ("v1",), plural, namespaced)


def _istio(name: str, group: str, plural: str, *versions: str) -> ObjectKind:
    return ObjectKind(name, group, versions or ("v1", "v1beta1"), plural)


_ALL: Final = (
    _core("Pod", "pods"),
    _core("Node", "nodes", namespaced=False),
    _core("Namespace", "namespaces", namespaced=False),
    _core("Service", "services"),
    _core("Endpoints", "endpoints"),
    _core("ConfigMap", "configmaps"),
    _core("Secret", "secrets"),
    _core("ServiceAccount", "serviceaccounts"),
    _core("Event", "events"),
    _core("ResourceQuota", "resourcequotas"),
    _core("LimitRange", "limitranges"),
    _core("PersistentVolumeClaim", "persistentvolumeclaims"),
    _v1("EndpointSlice", "discovery.k8s.io", "endpointslices"),
    _v1("Deployment", "apps", "deployments"),
    _v1("ReplicaSet", "apps", "replicasets"),
    _v1("StatefulSet", "apps", "statefulsets"),
    _v1("DaemonSet", "apps", "daemonsets"),
    _v1("Job", "batch", "jobs"),
    _v1("PodDisruptionBudget", "policy", "poddisruptionbudgets"),
    ObjectKind("HorizontalPodAutoscaler", "autoscaling", ("v2",), "horizontalpodautoscalers"),
    _v1("NetworkPolicy", "networking.k8s.io", "networkpolicies"),
    _v1("Role", "rbac.authorization.k8s.io", "roles"),
    _v1("RoleBinding", "rbac.authorization.k8s.io", "rolebindings"),
    _v1("ClusterRole", "rbac.authorization.k8s.io", "clusterroles", namespaced=False),
    _v1("ClusterRoleBinding", "rbac.authorization.k8s.io", "clusterrolebindings", namespaced=False),
    _v1(
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        namespaced=False,
    ),
    _v1(
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        namespaced=False,
    ),
    ObjectKind(
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        ("v1",),
        "customresourcedefinitions",
        is_namespaced=False,
        names_only=True,  # Istio's schemas are megabytes
    ),
    _istio("VirtualService", NETWORKING, "virtualservices"),
    _istio("DestinationRule", NETWORKING, "destinationrules"),
    _istio("Gateway", NETWORKING, "gateways"),
    _istio("ServiceEntry", NETWORKING, "serviceentries"),
    _istio("Sidecar", NETWORKING, "sidecars"),
    _istio("WorkloadEntry", NETWORKING, "workloadentries"),
    _istio("WorkloadGroup", NETWORKING, "workloadgroups"),
    _istio("EnvoyFilter", NETWORKING, "envoyfilters", "v1alpha3"),
    _istio("ProxyConfig", NETWORKING, "proxyconfigs", "v1beta1"),
    _istio("PeerAuthentication", SECURITY, "peerauthentications"),
    _istio("AuthorizationPolicy", SECURITY, "authorizationpolicies"),
    _istio("RequestAuthentication", SECURITY, "requestauthentications"),
    _istio("Telemetry", "telemetry.istio.io", "telemetries", "v1", "v1alpha1"),
    _istio("WasmPlugin", "extensions.istio.io", "wasmplugins", "v1alpha1"),
)

KINDS: Final = {kind.name: kind for kind in _ALL}

PANEL_KINDS: Final = (
    "Pod",
    "Service",
    "Deployment",
    "VirtualService",
    "DestinationRule",
    "Gateway",
    "PeerAuthentication",
    "AuthorizationPolicy",
    "Event",
)

# The panel's, and what else may turn a check: the namespace's label, a Service's endpoints.
LIVE_KINDS: Final = (*PANEL_KINDS, "Namespace", "EndpointSlice")


def kind_of(name: str) -> ObjectKind:
    """Return where a kind lives. Raises: NotFound where the app does not know it."""
    try:
        return KINDS[name]
    except KeyError:
        raise NotFound(
            f"The lab does not know the kind {name}.",
            hint="Kinds are named as in manifests: Pod, VirtualService ...",
        ) from None


def path_of(kind: ObjectKind, version: str, namespace: str = "", name: str = "") -> str:
    """Return the address of a kind's list, or of one object. All namespaces where none is given."""
    root = f"/apis/{kind.group}/{version}" if kind.group else f"/api/{version}"
    within = f"/namespaces/{namespace}" if kind.is_namespaced and namespace else ""
    return f"{root}{within}/{kind.plural}" + (f"/{name}" if name else "")
