"""The ClusterRoles that every cluster has, as far as people give them to somebody.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""

from collections.abc import Iterator, Sequence

from app.sandbox.objects import Json, Obj
from app.sandbox.registry.access import GROUP, KNOWN, MASTERS, OPEN_TO_ALL, OPEN_TO_KNOWN
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.store.kinds import BUILT_IN

READ = ("get", "list", "watch")
WRITE = ("create", "delete", "deletecollection", "patch", "update")
HIDDEN = ("secrets", "roles", "rolebindings")  # what a viewer may not see
ONLY_SEEN = ("events", "resourcequotas", "limitranges", "endpointslices", "leases", "endpoints")
SESSIONS = ("pods/attach", "pods/exec", "pods/portforward", "pods/eviction")
REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
BINDING, ROLE = "ClusterRoleBinding", "ClusterRole"


def bootstrap(registry: Registry) -> None:
    """Create the ClusterRoles and their bindings, as far as they are not there yet."""
    for made in (*_roles(), *_bindings()):
        kind = registry.kinds.of(made)
        metadata = made["metadata"]
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if kind and isinstance(name, str) and not registry.store.get(kind.resource, name):
            registry.create(made, Ask(field_manager="kube-apiserver"))


def _roles() -> Iterator[Obj]:
    everything: Obj = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    every_path: Obj = {"nonResourceURLs": ["*"], "verbs": ["*"]}
    view = [_rule(group, found, READ) for group, found in _namespaced(HIDDEN)]
    view.append(_rule("", ["namespaces", "pods/log"], READ))
    edit = [
        *view,
        *(_rule(group, found, WRITE) for group, found in _namespaced((*ONLY_SEEN, *HIDDEN[1:]))),
        _rule("", ["secrets"], (*READ, *WRITE)),
        _rule("", SESSIONS, ("create", "get")),
        _rule("", ["serviceaccounts/token"], ("create",)),
        _rule("apps", ["deployments/scale", "replicasets/scale"], (*READ, *WRITE)),
    ]
    admin = [*edit, _rule(GROUP, ["roles", "rolebindings"], (*READ, *WRITE))]
    yield _role("cluster-admin", [everything, every_path])
    yield _role("admin", admin)
    yield _role("edit", edit)
    yield _role("view", view)
    yield _role("system:discovery", [_paths((*OPEN_TO_KNOWN, *OPEN_TO_ALL))])
    yield _role("system:public-info-viewer", [_paths(OPEN_TO_ALL)])
    yield _role(
        "system:basic-user",
        [
            _rule("authorization.k8s.io", REVIEWS, ("create",)),
            _rule("authentication.k8s.io", ["selfsubjectreviews"], ("create",)),
        ],
    )


def _bindings() -> Iterator[Obj]:
    yield _binding("cluster-admin", MASTERS)
    for name in ("system:discovery", "system:basic-user"):
        yield _binding(name, KNOWN)
    yield _binding("system:public-info-viewer", KNOWN, "system:unauthenticated")


def _namespaced(left_out: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the resources of namespaces by their groups."""
    for group in sorted({kind.group for kind in BUILT_IN if kind.namespaced}):
        found = [
            kind.plural
            for kind in BUILT_IN
            if kind.namespaced and kind.group == group and kind.plural not in left_out
        ]
        if found:
            yield group, found


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Obj:
    return {"apiGroups": [group], "resources": [*resources], "verbs": [*verbs]}


def _paths(paths: Sequence[str]) -> Obj:
    return {"nonResourceURLs": [*paths], "verbs": ["get"]}


def _metadata(name: str) -> Obj:
    return {
        "name": name,
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
    }


def _role(name: str, rules: Sequence[Json]) -> Obj:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": ROLE,
        "metadata": _metadata(name),
        "rules": [*rules],
    }


def _binding(name: str, *groups: str) -> Obj:
    subjects: list[Json] = [{"kind": "Group", "apiGroup": GROUP, "name": one} for one in groups]
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": BINDING,
        "metadata": _metadata(name),
        "roleRef": {"apiGroup": GROUP, "kind": ROLE, "name": name},
        "subjects": subjects,
    }
