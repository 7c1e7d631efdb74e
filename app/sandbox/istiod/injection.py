"""Whether a pod gets a sidecar: what the installed webhooks and the pod's own words say."""

import json
from collections.abc import Mapping

from app.sandbox.istiod.installation.marks import NAMESPACE
from app.sandbox.istiod.sidecar import with_sidecar
from app.sandbox.objects import (
    Obj,
    annotations_of,
    at,
    items,
    labels_of,
    namespace_of,
    table,
    text,
    words,
)
from app.sandbox.status import StatusError
from app.sandbox.store.store import Store

INJECT = "sidecar.istio.io/inject"
IGNORED = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
NO = ("false", "no", "n", "off", "0")
WEBHOOKS = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
DEFAULT_REQUESTS: Obj = {"cpu": "100m", "memory": "128Mi"}


def injected(pod: Obj, store: Store, *, is_working: bool) -> Obj:
    """Return the pod as the installed injector leaves it.

    Raises: StatusError where a webhook wants to be asked and no istiod answers.
    """
    webhook = _webhook(pod, store)
    if webhook is None:
        return pod
    if not is_working:
        raise unanswered(webhook, store)
    if not _is_wanted(pod):
        return pod
    return with_sidecar(pod, _requests(store))


def injected_by_hand(pod: Obj, store: Store) -> Obj | None:
    """Return the pod of a template as `istioctl kube-inject` leaves it; None where it says no."""
    return with_sidecar(pod, _requests(store)) if _is_wanted(pod) else None


def unanswered(webhook: Obj, store: Store) -> StatusError:
    """Return the 500 with which the API server fails where a webhook's service does not answer."""
    service = table(webhook, "clientConfig.service")
    name, namespace = text(service, "name"), text(service, "namespace")
    url = f"https://{name}.{namespace}.svc:443{text(service, 'path')}?timeout=10s"
    why = f'no endpoints available for service "{name}"'
    if store.get("services", name, namespace) is None:
        why = f'service "{name}" not found'
    told = f'failed calling webhook "{text(webhook, "name")}": failed to call webhook: Post "{url}"'
    return StatusError(500, "InternalError", f"Internal error occurred: {told}: {why}")


def _webhook(pod: Obj, store: Store) -> Obj | None:
    """Return the first of the injector's webhooks whose selectors take the pod."""
    namespace = store.get("namespaces", namespace_of(pod))
    around = labels_of(namespace) if namespace else {}
    around = {"kubernetes.io/metadata.name": namespace_of(pod), **around}
    for configuration in store.list(WEBHOOKS):
        for webhook in items(configuration, "webhooks"):
            if (
                text(webhook, "clientConfig.service.path").startswith("/inject")
                and matches(table(webhook, "namespaceSelector"), around)
                and matches(table(webhook, "objectSelector"), labels_of(pod))
            ):
                return webhook
    return None


def matches(selector: Obj, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes labels; an empty one takes all."""
    wanted = table(selector, "matchLabels")
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(each, labels) for each in items(selector, "matchExpressions"))


def _holds(expression: Obj, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(text(expression, "key")), words(expression, "values")
    match text(expression, "operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _is_wanted(pod: Obj) -> bool:
    """Whether the injector, once asked, injects: the pod's label counts before its annotation."""
    if namespace_of(pod) in IGNORED or at(pod, "spec.hostNetwork") is True:
        return False
    said = labels_of(pod).get(INJECT, annotations_of(pod).get(INJECT, "")).lower()
    return said not in NO if said else True


def _requests(store: Store) -> Obj:
    """Return the sidecar's requests, as the installation's values have them."""
    settings = store.get("configmaps", "istio-sidecar-injector", NAMESPACE)
    try:
        values = json.loads(text(settings, "data.values", "{}"))
    except ValueError:
        values = {}
    return table(values, "global.proxy.resources.requests") or DEFAULT_REQUESTS
