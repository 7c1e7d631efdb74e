"""The kinds of objects a command may name, by every word that kubectl takes for them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Kind:
    """One kind. `is_writable` ones may be changed in the step's namespaces, others only read."""

    name: str
    plural: str
    shorts: tuple[str, ...] = ()
    group: str = ""
    is_namespaced: bool = True
    is_writable: bool = False

    def words(self) -> tuple[str, ...]:
        """Return the words that name it, in small letters."""
        return (self.plural, self.name.lower(), *self.shorts)


_NETWORKING: Final = "networking.istio.io"
_SECURITY: Final = "security.istio.io"

WRITABLE: Final = (
    Kind("Namespace", "namespaces", ("ns",), is_namespaced=False, is_writable=True),
    Kind("Pod", "pods", ("po",), is_writable=True),
    Kind("Deployment", "deployments", ("deploy",), "apps", is_writable=True),
    Kind("ReplicaSet", "replicasets", ("rs",), "apps", is_writable=True),
    Kind("Service", "services", ("svc",), is_writable=True),
    Kind("ConfigMap", "configmaps", ("cm",), is_writable=True),
    Kind("ServiceAccount", "serviceaccounts", ("sa",), is_writable=True),
    Kind("VirtualService", "virtualservices", ("vs",), _NETWORKING, is_writable=True),
    Kind("DestinationRule", "destinationrules", ("dr",), _NETWORKING, is_writable=True),
    Kind("Gateway", "gateways", ("gw", "gtw"), _NETWORKING, is_writable=True),
    Kind("ServiceEntry", "serviceentries", ("se",), _NETWORKING, is_writable=True),
    Kind("Sidecar", "sidecars", (), _NETWORKING, is_writable=True),
    Kind("PeerAuthentication", "peerauthentications", ("pa",), _SECURITY, is_writable=True),
    Kind("AuthorizationPolicy", "authorizationpolicies", ("ap",), _SECURITY, is_writable=True),
    Kind("RequestAuthentication", "requestauthentications", ("ra",), _SECURITY, is_writable=True),
    Kind("Telemetry", "telemetries", ("telemetry",), "telemetry.istio.io", is_writable=True),
)
SECRET: Final = Kind("Secret", "secrets")
READABLE: Final = (
    SECRET,
    Kind("Event", "events", ("ev",)),
    Kind("Endpoints", "endpoints", ("ep",)),
    Kind("EndpointSlice", "endpointslices", (), "discovery.k8s.io"),
    Kind("StatefulSet", "statefulsets", ("sts",), "apps"),
    Kind("DaemonSet", "daemonsets", ("ds",), "apps"),
    Kind("Job", "jobs", (), "batch"),
    Kind("CronJob", "cronjobs", ("cj",), "batch"),
    Kind("Ingress", "ingresses", ("ing",), "networking.k8s.io"),
    Kind("NetworkPolicy", "networkpolicies", ("netpol",), "networking.k8s.io"),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims", ("pvc",)),
    Kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", ("hpa",), "autoscaling"),
    Kind("PodDisruptionBudget", "poddisruptionbudgets", ("pdb",), "policy"),
    Kind("ResourceQuota", "resourcequotas", ("quota",)),
    Kind("LimitRange", "limitranges", ("limits",)),
    Kind("Role", "roles", (), "rbac.authorization.k8s.io"),
    Kind("RoleBinding", "rolebindings", (), "rbac.authorization.k8s.io"),
    Kind("Lease", "leases", (), "coordination.k8s.io"),
    Kind("EnvoyFilter", "envoyfilters", (), _NETWORKING),
    Kind("WorkloadEntry", "workloadentries", ("we",), _NETWORKING),
    Kind("WorkloadGroup", "workloadgroups", ("wg",), _NETWORKING),
    Kind("ProxyConfig", "proxyconfigs", (), _NETWORKING),
    Kind("WasmPlugin", "wasmplugins", (), "extensions.istio.io"),
    Kind("Node", "nodes", ("no",), is_namespaced=False),
    Kind("PersistentVolume", "persistentvolumes", ("pv",), is_namespaced=False),
    Kind("StorageClass", "storageclasses", ("sc",), "storage.k8s.io", is_namespaced=False),
    Kind("ClusterRole", "clusterroles", (), "rbac.authorization.k8s.io", is_namespaced=False),
    Kind(
        "ClusterRoleBinding",
        "clusterrolebindings",
        (),
        "rbac.authorization.k8s.io",
        is_namespaced=False,
    ),
    Kind(
        "CustomResourceDefinition",
        "customresourcedefinitions",
        ("crd", "crds"),
        "apiextensions.k8s.io",
        is_namespaced=False,
    ),
    Kind(
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        (),
        "admissionregistration.k8s.io",
        is_namespaced=False,
    ),
    Kind(
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        (),
        "admissionregistration.k8s.io",
        is_namespaced=False,
    ),
    Kind("APIService", "apiservices", (), "apiregistration.k8s.io", is_namespaced=False),
    Kind("all", "all"),
)
KINDS: Final = WRITABLE + READABLE


def kind_of(word: str) -> Kind | None:
    """Return the kind that a word names: po, pods, Pod, pods.v1, deployments.apps."""
    plain, _, rest = word.lower().partition(".")
    for kind in KINDS:
        if plain in kind.words() and _group_fits(kind, rest):
            return kind
    return None


def _group_fits(kind: Kind, rest: str) -> bool:
    """Return whether what follows the first dot is nothing, the group, or version.group."""
    if not rest or rest == kind.group:
        return True
    version, _, group = rest.partition(".")
    return version in {"v1", "v2", "v1beta1", "v1alpha3", "v1alpha1"} and group == kind.group
