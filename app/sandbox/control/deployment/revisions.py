"""The ReplicaSets of a Deployment as objects: made, numbered, annotated, adopted, cleaned up."""

from collections.abc import Sequence

from app.sandbox.control.deployment.family import (
    DESIRED,
    HASH,
    HISTORY,
    MOST,
    REVISION,
    Family,
    asked,
    hash_of,
    revision,
)
from app.sandbox.control.deployment.rollout import first_size
from app.sandbox.control.owners import controlled, controller_of, reference_to, with_meta
from app.sandbox.objects import (
    Json,
    Obj,
    annotations_of,
    is_ending,
    items,
    labels_of,
    name_of,
    namespace_of,
    number,
    table,
)
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.registry import Registry
from app.sandbox.registry.selectors import matcher_of
from app.sandbox.store.store import Store

ASK = Ask(user="system:serviceaccount:kube-system:deployment-controller")
OWN = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.deployment.rollback.to",
        REVISION,
        HISTORY,
        DESIRED,
        MOST,
    }
)


def claim(store: Store, deployment: Obj) -> list[Obj]:
    """Return a Deployment's ReplicaSets, after adopting those that match and are nobody's."""
    if not is_ending(deployment):
        matches = matcher_of(table(deployment, "spec.selector"))
        for one in store.list("replicasets.apps", namespace_of(deployment)):
            if controller_of(one) is None and not is_ending(one) and matches(labels_of(one)):
                references: list[Json] = [*items(one, "metadata.ownerReferences")]
                references.append(reference_to(deployment))
                store.update(with_meta(one, ownerReferences=references))
    return controlled(store, "replicasets.apps", deployment)


def next_revision(old: Sequence[Obj]) -> int:
    """Return the number that the new ReplicaSet has or gets: one more than the old ones'."""
    return max((revision(one) for one in old), default=0) + 1


def annotations(family: Family, before: Obj | None, number_: int) -> Obj:
    """Return the annotations of the new ReplicaSet: the Deployment's, and its revisions."""
    had = annotations_of(before) if before else {}
    given = {k: v for k, v in annotations_of(family.deployment).items() if k not in OWN}
    notes: Obj = {**had, **given}
    was = revision(before) if before else 0
    if number_ > was:
        notes[REVISION] = str(number_)
        if was:
            earlier = [part for part in had.get(HISTORY, "").split(",") if part]
            notes[HISTORY] = ",".join([*earlier, str(was)])
    return notes


def sized(family: Family) -> Obj:
    """Return the annotations that keep for which number a ReplicaSet was sized."""
    return {DESIRED: str(family.wanted), MOST: str(family.wanted + family.surge)}


def create(registry: Registry, family: Family) -> Obj:
    """Return the new ReplicaSet of a Deployment's template. Raises: StatusError."""
    deployment = family.deployment
    template = table(deployment, "spec.template")
    label = hash_of(template, number(deployment, "status.collisionCount"))
    meta = table(template, "metadata")
    labels: Obj = {**table(meta, "labels"), HASH: label}
    selector = table(deployment, "spec.selector")
    matched: Obj = {**table(selector, "matchLabels"), HASH: label}
    spec: Obj = {
        "replicas": first_size(family),
        "selector": {**selector, "matchLabels": matched},
        "template": {**template, "metadata": {**meta, "labels": labels}},
    }
    if number(deployment, "spec.minReadySeconds"):
        spec["minReadySeconds"] = number(deployment, "spec.minReadySeconds")
    made: Obj = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name_of(deployment)}-{label}",
            "namespace": namespace_of(deployment),
            "labels": labels,
            "annotations": {
                **annotations(family, None, next_revision(family.old)),
                **sized(family),
            },
            "ownerReferences": [reference_to(deployment)],
        },
        "spec": spec,
    }
    return registry.create(made, ASK)


def resize(store: Store, family: Family, one: Obj, replicas: int) -> Obj:
    """Return a ReplicaSet after giving it another size."""
    notes: Obj = {**annotations_of(one), **sized(family)}
    spec: Obj = {**table(one, "spec"), "replicas": replicas}
    return store.update({**with_meta(one, annotations=notes), "spec": spec})


def outdated(family: Family) -> list[Obj]:
    """Return the old ReplicaSets beyond what spec.revisionHistoryLimit keeps."""
    limit = number(family.deployment, "spec.revisionHistoryLimit", 10)
    empty = [
        one
        for one in sorted(family.old, key=revision)
        if not asked([one]) and not number(one, "status.replicas") and not is_ending(one)
    ]
    return empty[: max(len(empty) - limit, 0)]
