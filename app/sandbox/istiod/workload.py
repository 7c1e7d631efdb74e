"""What a pod is part of: its workload's name, owner and canonical names."""

from dataclasses import dataclass

from app.sandbox.objects import Obj, items, labels_of, name_of, namespace_of, text

_REVISIONS = ("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")


@dataclass(frozen=True)
class Workload:
    """Name and owner are empty where the pod has no name yet and no controller."""

    name: str
    owner: str
    canonical_name: str
    canonical_revision: str

    @classmethod
    def of(cls, pod: Obj) -> "Workload":
        """Return the workload of a pod; a ReplicaSet's pods are its Deployment's."""
        labels = labels_of(pod)
        name, owner = _owner(pod)
        canonical = next(
            (
                labels[key]
                for key in ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
                if labels.get(key)
            ),
            name or text(pod, "metadata.generateName").rstrip("-"),
        )
        revision = next((labels[key] for key in _REVISIONS if labels.get(key)), "latest")
        return cls(name, owner, canonical, revision)


def _owner(pod: Obj) -> tuple[str, str]:
    controllers = [o for o in items(pod, "metadata.ownerReferences") if o.get("controller") is True]
    namespace = namespace_of(pod)
    if controllers:
        api, kind = text(controllers[0], "apiVersion"), text(controllers[0], "kind")
        name = text(controllers[0], "name")
        hashed = labels_of(pod).get("pod-template-hash", "")
        if kind == "ReplicaSet" and hashed and name.endswith(f"-{hashed}"):
            kind, name = "Deployment", name.removesuffix(f"-{hashed}")
        return name, f"kubernetes://apis/{api}/namespaces/{namespace}/{kind.lower()}s/{name}"
    name = name_of(pod)
    return name, f"kubernetes://apis/v1/namespaces/{namespace}/pods/{name}" if name else ""
