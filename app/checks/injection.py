"""Whether a pod gets a sidecar, decided as the API server does: by the webhooks' selectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.clusters.cluster import Cluster
from app.clusters.objects import Object

LABEL: Final = "istio-injection"
REVISION: Final = "istio.io/rev"
TAG: Final = "istio.io/tag"
INJECT: Final = "sidecar.istio.io/inject"

_WEBHOOK = "sidecar-injector.istio.io"
_TRUE = ("y", "yes", "true", "on")  # what istiod takes for a yes


@dataclass(frozen=True)
class Injectors:
    """The mesh's injection webhooks, and the revisions and tags that they serve."""

    webhooks: tuple[Object, ...]
    revisions: tuple[str, ...]

    def take(self, namespace: Mapping[str, str], pod: Mapping[str, str]) -> bool:
        """Return whether a pod with these labels, made now in such a namespace, is asked about."""
        return any(
            selects(webhook, "namespaceSelector", namespace)
            and selects(webhook, "objectSelector", pod)
            for webhook in self.webhooks
        )


async def injectors(cluster: Cluster) -> Injectors:
    """Read the injection webhooks of every control plane that is installed."""
    configurations = [
        configuration
        for configuration in await cluster.list("MutatingWebhookConfiguration")
        if any(_is_injector(hook) for hook in configuration.parts("webhooks"))
    ]
    hooks = [h for c in configurations for h in c.parts("webhooks") if _is_injector(h)]
    names = {c.labels[key] for c in configurations for key in (REVISION, TAG) if key in c.labels}
    return Injectors(tuple(hooks), tuple(sorted(names)))


def _is_injector(webhook: Object) -> bool:
    return webhook.text("name").endswith(_WEBHOOK)


def selects(webhook: Object, selector: str, labels: Mapping[str, str]) -> bool:
    """Return whether a webhook's selector takes these labels; an absent one takes all."""
    wanted = webhook.strings(f"{selector}.matchLabels")
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, labels) for expression in webhook.parts(f"{selector}.matchExpressions")
    )


def _holds(expression: Object, labels: Mapping[str, str]) -> bool:
    value = labels.get(expression.text("key"))
    match expression.text("operator"):
        case "In":
            return value in expression.texts("values")
        case "NotIn":
            return value not in expression.texts("values")
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


@dataclass(frozen=True)
class Refusal:
    """Why a namespace's new pods get no sidecar: a word for the cause, and what was seen."""

    cause: str  # no-injector, no-label, label-disabled, label-value, revision-label
    seen: str


def refusal(namespace: Object, found: Injectors) -> Refusal | None:
    """Return why pods made in the namespace now would get no sidecar, None where they would."""
    labels = namespace.labels
    if found.take(labels, {}):
        return None
    name = namespace.name
    if not found.webhooks:
        return Refusal("no-injector", "no Istio is installed that could add sidecars")
    if LABEL in labels:
        return _refused_label(name, labels, found.revisions)
    if REVISION in labels:
        return Refusal(
            "revision-label",
            f"namespace {name} carries {REVISION}={labels[REVISION]}, and no control plane of that"
            f" revision is installed ({_listed(found.revisions)})",
        )
    return Refusal("no-label", f"namespace {name} carries no injection label")


def _refused_label(name: str, labels: Mapping[str, str], revisions: Sequence[str]) -> Refusal:
    value = labels[LABEL]
    seen = f"namespace {name} carries {LABEL}={value}"
    if value == "disabled":
        beside = (
            f"; it wins over {REVISION}={labels[REVISION]} beside it" if REVISION in labels else ""
        )
        return Refusal("label-disabled", f"{seen}, which switches injection off{beside}")
    if value != "enabled":
        return Refusal(
            "label-value", f"{seen}, and Istio knows only the values enabled and disabled"
        )
    return Refusal(
        "revision-label",
        f"{seen}, which asks the default revision, and none is installed ({_listed(revisions)})",
    )


def _listed(revisions: Sequence[str]) -> str:
    return f"installed: {', '.join(revisions)}" if revisions else "none is named"


def opted_out(pod: Object) -> str:
    """Return the pod's own switch that turns injection off, as `label x=y`; empty for none.

    A label wins over an annotation. Source:
    https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
    """
    for place, found in (("label", pod.labels), ("annotation", pod.annotations)):
        if INJECT in found:
            is_off = found[INJECT].lower() not in _TRUE
            return f"{place} {INJECT}={found[INJECT]}" if is_off else ""
    return ""
