"""Defaults of what is neither pod, workload nor Service."""

import base64

from app.sandbox.objects import Json, Obj, is_ending, items, strings, table, text
from app.sandbox.registry.defaults.filling import fill, inner

RBAC = "rbac.authorization.k8s.io"


def fill_namespace(obj: Obj) -> None:
    """Fill in a Namespace: its finalizer, its name as a label, its phase."""
    inner(inner(obj, "metadata"), "labels")["kubernetes.io/metadata.name"] = text(
        obj, "metadata.name"
    )
    if not is_ending(obj):
        fill(inner(obj, "spec"), finalizers=["kubernetes"])
    fill(inner(obj, "status"), phase="Active")


def fill_secret(obj: Obj) -> None:
    """Fill in a Secret; what it holds as text becomes data."""
    fill(obj, type="Opaque")
    written = strings(obj, "stringData")
    obj.pop("stringData", None)
    if written:
        coded = {key: base64.b64encode(text_.encode()).decode() for key, text_ in written.items()}
        obj["data"] = {**table(obj, "data"), **coded}


def fill_binding(obj: Obj) -> None:
    """Fill in a RoleBinding or ClusterRoleBinding."""
    fill(inner(obj, "roleRef"), apiGroup=RBAC)
    for subject in items(obj, "subjects"):
        if text(subject, "kind") in ("User", "Group"):
            fill(subject, apiGroup=RBAC)


def fill_webhooks(obj: Obj) -> None:
    """Fill in a webhook configuration, of either kind."""
    for hook in items(obj, "webhooks"):
        fill(
            hook,
            failurePolicy="Fail",
            matchPolicy="Equivalent",
            namespaceSelector={},
            objectSelector={},
            timeoutSeconds=10,
        )
        if obj.get("kind") == "MutatingWebhookConfiguration":
            fill(hook, reinvocationPolicy="Never")
        for rule in items(hook, "rules"):
            fill(rule, scope="*")
        if isinstance(service := inner(hook, "clientConfig").get("service"), dict):
            fill(service, port=443)


def fill_crd(obj: Obj) -> None:
    """Fill in a CustomResourceDefinition."""
    spec = inner(obj, "spec")
    fill(inner(spec, "conversion"), strategy="None")
    names = inner(spec, "names")
    kind = text(names, "kind")
    fill(names, singular=kind.lower(), listKind=f"{kind}List")


def fill_node(obj: Obj) -> None:
    """Fill in a Node's name as its label."""
    labels = inner(inner(obj, "metadata"), "labels")
    fill(labels, **{"kubernetes.io/hostname": text(obj, "metadata.name")})


def crd_status(crd: Obj, when: str) -> Obj:
    """Return the status of a CRD that is served."""
    conditions: list[Json] = [
        {
            "type": "NamesAccepted",
            "status": "True",
            "lastTransitionTime": when,
            "reason": "NoConflicts",
            "message": "no conflicts found",
        },
        {
            "type": "Established",
            "status": "True",
            "lastTransitionTime": when,
            "reason": "InitialNamesAccepted",
            "message": "the initial names have been accepted",
        },
    ]
    stored: list[Json] = [
        text(one, "name") for one in items(crd, "spec.versions") if one.get("storage") is True
    ]
    return {
        "conditions": conditions,
        "acceptedNames": dict(table(crd, "spec.names")),
        "storedVersions": stored,
    }
