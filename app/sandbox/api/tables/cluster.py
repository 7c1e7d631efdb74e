"""The rows of the cluster's own things: nodes, namespaces, events, configuration, access."""

from collections.abc import Callable
from datetime import datetime

from app.sandbox.api.tables.ages import UNKNOWN, age, since
from app.sandbox.api.tables.columns import NONE, Cells, Layout, columns
from app.sandbox.objects import (
    Obj,
    annotations_of,
    at,
    items,
    labels_of,
    name_of,
    number,
    table,
    text,
)

ROLE = "node-role.kubernetes.io/"


def node_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Node."""
    ready = [one for one in items(obj, "status.conditions") if text(one, "type") == "Ready"]
    said = "Unknown" if not ready else ("" if text(ready[-1], "status") == "True" else "Not")
    states = [said if said == "Unknown" else f"{said}Ready"]
    states += ["SchedulingDisabled"] if at(obj, "spec.unschedulable") is True else []
    roles = {key.removeprefix(ROLE) for key in labels_of(obj) if key.startswith(ROLE)}
    roles.add(labels_of(obj).get("kubernetes.io/role", ""))
    about = table(obj, "status.nodeInfo")
    return [
        name_of(obj),
        ",".join(states),
        ",".join(sorted(roles - {""})) or NONE,
        age(obj, now),
        text(about, "kubeletVersion"),
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        text(about, "osImage") or UNKNOWN,
        text(about, "kernelVersion") or UNKNOWN,
        text(about, "containerRuntimeVersion") or UNKNOWN,
    ]


def _address(node: Obj, type_: str) -> str:
    found = [one for one in items(node, "status.addresses") if text(one, "type") == type_]
    return text(found[0], "address") if found else NONE


def event_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of an Event."""
    first = since(obj, "firstTimestamp" if at(obj, "firstTimestamp") else "eventTime", now)
    last = since(obj, "lastTimestamp", now) if at(obj, "lastTimestamp") else first
    count = number(obj, "count")
    if at(obj, "series") is not None:
        last, count = since(obj, "series.lastObservedTime", now), number(obj, "series.count")
    kind, name = text(obj, "involvedObject.kind").lower(), text(obj, "involvedObject.name")
    source = [
        text(obj, "source.component") or text(obj, "reportingComponent"),
        text(obj, "source.host") or text(obj, "reportingInstance"),
    ]
    return [
        last,
        text(obj, "type"),
        text(obj, "reason"),
        f"{kind}/{name}" if name else kind,
        text(obj, "involvedObject.fieldPath"),
        ", ".join(source) if source[1] else source[0],
        text(obj, "message").strip(),
        first,
        count or 1,
        name_of(obj),
    ]


def namespace_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Namespace."""
    return [name_of(obj), text(obj, "status.phase"), age(obj, now)]


def secret_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Secret."""
    return [name_of(obj), text(obj, "type"), len(table(obj, "data")), age(obj, now)]


def configmap_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a ConfigMap."""
    return [name_of(obj), len(table(obj, "data")) + len(table(obj, "binaryData")), age(obj, now)]


def name_and_age(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a kind that shows nothing else."""
    return [name_of(obj), age(obj, now)]


def lease_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a Lease."""
    return [name_of(obj), text(obj, "spec.holderIdentity"), age(obj, now)]


def quota_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a ResourceQuota."""
    used, hard = table(obj, "status.used"), table(obj, "status.hard")
    told: dict[bool, list[str]] = {True: [], False: []}
    for name in sorted(hard):
        is_limit = name.startswith("limits.")
        told[is_limit].append(f"{name}: {_at(used, name)}/{_at(hard, name)}")
    return [name_of(obj), ", ".join(told[False]), ", ".join(told[True]), age(obj, now)]


def _at(quantities: Obj, name: str) -> str:
    """Return a quantity by its resource's name, which may hold dots."""
    value = quantities.get(name)
    return str(value) if isinstance(value, (str, int)) else "0"


def binding_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a RoleBinding or a ClusterRoleBinding."""
    subjects = items(obj, "subjects")
    by_kind: dict[str, Callable[[Obj], str]] = {
        "User": name_of_subject,
        "Group": name_of_subject,
        "ServiceAccount": lambda one: f"{text(one, 'namespace')}/{text(one, 'name')}",
    }
    return [
        name_of(obj),
        f"{text(obj, 'roleRef.kind')}/{text(obj, 'roleRef.name')}",
        age(obj, now),
        *(
            ", ".join(said(one) for one in subjects if text(one, "kind") == kind)
            for kind, said in by_kind.items()
        ),
    ]


def name_of_subject(subject: Obj) -> str:
    """Return the name of a user or a group that a role is bound to."""
    return text(subject, "name")


def webhook_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a webhook configuration."""
    return [name_of(obj), len(items(obj, "webhooks")), age(obj, now)]


def revision_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a ControllerRevision."""
    owners = [
        one for one in items(obj, "metadata.ownerReferences") if at(one, "controller") is True
    ]
    said = NONE
    if owners:
        group = text(owners[0], "apiVersion").rpartition("/")[0]
        kind = text(owners[0], "kind").lower()
        said = f"{kind}{'.' if group else ''}{group}/{text(owners[0], 'name')}"
    return [name_of(obj), said, number(obj, "revision"), age(obj, now)]


def priority_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a PriorityClass."""
    is_default = at(obj, "globalDefault") is True
    policy = text(obj, "preemptionPolicy")
    return [name_of(obj), number(obj, "value"), is_default, age(obj, now), policy]


def storage_class_cells(obj: Obj, now: datetime) -> Cells:
    """Return the cells of a StorageClass."""
    marks = annotations_of(obj)
    is_default = marks.get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        name_of(obj) + (" (default)" if is_default else ""),
        text(obj, "provisioner"),
        text(obj, "reclaimPolicy", "Delete"),
        text(obj, "volumeBindingMode", "Immediate"),
        at(obj, "allowVolumeExpansion") is True,
        age(obj, now),
    ]


_BOUND = Layout(columns("Name|Role|Age", "Users|Groups|ServiceAccounts"), binding_cells)
_HOOKS = Layout(columns("Name|Webhooks#|Age"), webhook_cells)
CLUSTER = {
    "nodes": Layout(
        columns(
            "Name|Status|Roles|Age|Version",
            "Internal-IP|External-IP|OS-Image|Kernel-Version|Container-Runtime",
        ),
        node_cells,
    ),
    "events": Layout(
        columns("Last Seen|Type|Reason|Object|Subobject+|Source+|Message", "First Seen|Count|Name"),
        event_cells,
    ),
    "namespaces": Layout(columns("Name|Status|Age"), namespace_cells),
    "secrets": Layout(columns("Name|Type|Data|Age"), secret_cells),
    "configmaps": Layout(columns("Name|Data|Age"), configmap_cells),
    "serviceaccounts": Layout(columns("Name|Age"), name_and_age),
    "leases.coordination.k8s.io": Layout(columns("Name|Holder|Age"), lease_cells),
    "resourcequotas": Layout(columns("Name|Request|Limit|Age"), quota_cells),
    "rolebindings.rbac.authorization.k8s.io": _BOUND,
    "clusterrolebindings.rbac.authorization.k8s.io": _BOUND,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _HOOKS,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _HOOKS,
    "controllerrevisions.apps": Layout(columns("Name|Controller|Revision#|Age"), revision_cells),
    "priorityclasses.scheduling.k8s.io": Layout(
        columns("Name|Value#|Global-Default?|Age", "PreemptionPolicy"), priority_cells
    ),
    "storageclasses.storage.k8s.io": Layout(
        columns("Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion?|Age"),
        storage_class_cells,
    ),
}
