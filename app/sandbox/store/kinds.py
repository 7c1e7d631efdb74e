"""Which kinds of objects there are: the built-in ones, and those that CRDs add while running."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.sandbox.objects import Obj, at, items, text, words


@dataclass(frozen=True)
class Kind:
    """One kind, as discovery tells it. `versions` begins with the one that is stored.

    One that `is_absent` can be listed, and is never there: to make one is refused.
    """

    kind: str
    plural: str
    group: str = ""
    versions: tuple[str, ...] = ("v1",)
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    singular: str = ""
    is_absent: bool = False
    crd: Obj | None = field(default=None, compare=False)

    @property
    def resource(self) -> str:
        """Return the plural with its group, as Kubernetes writes it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def api_version(self, version: str = "") -> str:
        """Return `apps/v1`, or `v1` for the core group."""
        version = version or self.versions[0]
        return f"{self.group}/{version}" if self.group else version


ALL = ("all",)
SCALED = ("status", "scale")
STATUS = ("status",)
BUILT_IN = (
    Kind(
        "Namespace",
        "namespaces",
        namespaced=False,
        short=("ns",),
        subresources=("status", "finalize"),
    ),
    Kind("Node", "nodes", namespaced=False, short=("no",), subresources=("status",)),
    Kind(
        "Pod",
        "pods",
        short=("po",),
        categories=ALL,
        subresources=(
            "status",
            "log",
            "exec",
            "portforward",
            "attach",
            "eviction",
            "ephemeralcontainers",
        ),
    ),
    Kind("Service", "services", short=("svc",), categories=ALL, subresources=("status",)),
    Kind("Endpoints", "endpoints", short=("ep",)),
    Kind("ConfigMap", "configmaps", short=("cm",)),
    Kind("Secret", "secrets"),
    Kind("ServiceAccount", "serviceaccounts", short=("sa",), subresources=("token",)),
    Kind("Event", "events", short=("ev",)),
    Kind("ResourceQuota", "resourcequotas", short=("quota",), subresources=("status",)),
    Kind("LimitRange", "limitranges", short=("limits",)),
    Kind(
        "Deployment", "deployments", "apps", short=("deploy",), categories=ALL, subresources=SCALED
    ),
    Kind("ReplicaSet", "replicasets", "apps", short=("rs",), categories=ALL, subresources=SCALED),
    Kind("Job", "jobs", "batch", categories=ALL, subresources=("status",)),
    Kind("EndpointSlice", "endpointslices", "discovery.k8s.io"),
    Kind("Lease", "leases", "coordination.k8s.io"),
    Kind(
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "autoscaling",
        ("v2",),
        short=("hpa",),
        categories=ALL,
        subresources=("status",),
    ),
    Kind(
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "policy",
        short=("pdb",),
        subresources=("status",),
    ),
    Kind("Role", "roles", "rbac.authorization.k8s.io"),
    Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io"),
    Kind("ClusterRole", "clusterroles", "rbac.authorization.k8s.io", namespaced=False),
    Kind(
        "ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io", namespaced=False
    ),
    Kind(
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "apiextensions.k8s.io",
        namespaced=False,
        short=("crd", "crds"),
        categories=("api-extensions",),
        subresources=("status",),
    ),
)

# What a real cluster has and this one does not: nothing would act on them.
_UNBACKED = (
    Kind("ReplicationController", "replicationcontrollers", short=("rc",), categories=ALL,
         subresources=SCALED),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), subresources=STATUS),
    Kind("PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",),
         subresources=STATUS),
    Kind("PodTemplate", "podtemplates"),
    Kind("DaemonSet", "daemonsets", "apps", short=("ds",), categories=ALL, subresources=STATUS),
    Kind("StatefulSet", "statefulsets", "apps", short=("sts",), categories=ALL,
         subresources=SCALED),
    Kind("CronJob", "cronjobs", "batch", short=("cj",), categories=ALL, subresources=STATUS),
    Kind("Ingress", "ingresses", "networking.k8s.io", short=("ing",), subresources=STATUS),
    Kind("IngressClass", "ingressclasses", "networking.k8s.io", namespaced=False),
    Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io", short=("netpol",)),
    Kind("StorageClass", "storageclasses", "storage.k8s.io", namespaced=False, short=("sc",)),
)  # fmt: skip
ABSENT = tuple(replace(kind, is_absent=True) for kind in _UNBACKED)


def kind_of_crd(crd: Obj) -> Kind:
    """Return the kind that a CustomResourceDefinition adds."""
    served = [version for version in items(crd, "spec.versions") if version.get("served") is True]
    stored = sorted(served, key=lambda version: version.get("storage") is not True)
    has_status = any(at(version, "subresources.status") is not None for version in served)
    return Kind(
        kind=text(crd, "spec.names.kind"),
        plural=text(crd, "spec.names.plural"),
        group=text(crd, "spec.group"),
        versions=tuple(text(version, "name") for version in stored),
        namespaced=text(crd, "spec.scope") == "Namespaced",
        short=tuple(words(crd, "spec.names.shortNames")),
        categories=tuple(words(crd, "spec.names.categories")),
        subresources=("status",) if has_status else (),
        singular=text(crd, "spec.names.singular"),
        crd=crd,
    )


class Kinds:
    """The kinds that exist now; CRDs come and go."""

    def __init__(self) -> None:
        self._by_resource = {kind.resource: kind for kind in (*BUILT_IN, *ABSENT)}

    def __iter__(self) -> Iterator[Kind]:
        return iter(tuple(self._by_resource.values()))

    def get(self, resource: str) -> Kind | None:
        """Return a kind by its resource (`pods`, `virtualservices.networking.istio.io`)."""
        return self._by_resource.get(resource)

    def of(self, obj: Obj) -> Kind | None:
        """Return the kind that an object says it is, whatever served version it names."""
        group, _, version = text(obj, "apiVersion").rpartition("/")
        for kind in self._by_resource.values():
            if kind.kind == obj.get("kind") and kind.group == group and version in kind.versions:
                return kind
        return None

    def add(self, kind: Kind) -> None:
        """Add what a CRD defines, or define it anew."""
        self._by_resource[kind.resource] = kind

    def remove(self, resource: str) -> None:
        """Forget a kind whose CRD has gone."""
        self._by_resource.pop(resource, None)
