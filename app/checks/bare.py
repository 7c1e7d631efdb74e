"""Why a pod has no sidecar: each cause with its own words and a place to look."""

from dataclasses import dataclass
from typing import Final

from app.checks.injection import Injectors, opted_out, refusal
from app.clusters.objects import Object


@dataclass(frozen=True)
class Cause:
    """`look` is a command that shows it."""

    reason: str
    text: str
    look: str


def cause(pod: Object, owner: str, namespace: Object | None, injectors: Injectors) -> Cause:
    """Return why this pod, of Deployment `owner`, was made without a sidecar."""
    template = f"kubectl describe deployment {owner} -n {pod.namespace}"
    if pod.at("spec.hostNetwork") is True:
        return Cause("host-network", _HOST_NETWORK, template)
    switch = opted_out(pod)
    if switch:
        text = f"Its pod template says {switch}, which turns injection off."
        return Cause("injection-off", text, template)
    labels = f"kubectl get namespace {pod.namespace} --show-labels"
    if namespace is None or injectors.take(namespace.labels, pod.labels):
        return Cause("labelled-too-late", _TOO_LATE.format(namespace=pod.namespace), labels)
    refused = refusal(namespace, injectors)
    if refused is None:
        text = "A label of its pod template keeps the injector away."
        return Cause("injection-off", text, template)
    reason = _OF_NAMESPACE.get(refused.cause, "no-namespace-label")
    return Cause(reason, f"Why: {refused.seen}. {_ONLY_WHEN_CREATED}", labels)


_OF_NAMESPACE: Final = {"no-injector": "no-injector", "revision-label": "revision-label"}
_ONLY_WHEN_CREATED: Final = "Pods get a sidecar only while they are being created."
_HOST_NETWORK: Final = (
    "Its pod template asks for hostNetwork: true. Such a pod has no network of its own that a"
    " sidecar could stand in front of, so Istio leaves it alone."
)
_TOO_LATE: Final = (
    "Namespace {namespace} asks for sidecars now, yet this pod was created without: the label came"
    " after the pods. A sidecar is added only while a pod is being created, and pods that exist are"
    " never touched; it takes new pods in their place."
)
