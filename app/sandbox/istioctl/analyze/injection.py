"""Which namespaces and pods have a sidecar, and which of them should."""

from collections.abc import Iterator

from app.sandbox.istioctl.analyze.labels import matches_expressions
from app.sandbox.istioctl.analyze.messages import Message, listed
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, annotations_of, at, items, table, text

LABEL, REVISION, AMBIENT = "istio-injection", "istio.io/rev", "istio.io/dataplane-mode"
INJECT, IMAGE = "sidecar.istio.io/inject", "sidecar.istio.io/proxyImage"
PROXY = "istio-proxy"
TOLD_SHORTENED = 5


def sidecars(snapshot: Snapshot) -> Iterator[Message]:
    """Yield namespaces that are not injected, and pods that should have a sidecar and have none."""
    injected = set[str]()
    for namespace in snapshot.all("Namespace"):
        if namespace.name == "istio-system":
            continue
        label, has_revision = namespace.labels.get(LABEL), REVISION in namespace.labels
        said = _injection_labels(namespace)
        if len(said) > 1:
            yield Message("IST0123", namespace, (listed(said),))
        if namespace.labels.get(AMBIENT) == "ambient":
            continue
        if not label and not has_revision:
            values = snapshot.injector_values()
            if at(values, "sidecarInjectorWebhook.enableNamespacesByDefault") is True:
                yield Message("IST0148", namespace)
            else:
                line = namespace.line(".metadata.name")
                yield Message("IST0102", namespace, (namespace.name, namespace.name), line)
        elif label == "enabled":
            injected.add(namespace.name)
    for pod in snapshot.all("Pod"):
        if pod.namespace in injected and _should_have(pod) and not proxy_image(pod.spec):
            yield Message("IST0103", pod, (pod.full_name,))


def _injection_labels(namespace: Resource) -> list[str]:
    labels = namespace.labels
    said = [f"{LABEL}={labels[LABEL]}"] if LABEL in labels else []
    if labels.get(LABEL, "enabled") == "enabled":
        said += [f"{key}={labels[key]}" for key in (REVISION, AMBIENT) if key in labels]
    return said


def _should_have(pod: Resource) -> bool:
    annotated = annotations_of(pod.obj).get(INJECT, "")
    asked = pod.labels.get(INJECT, annotated)
    return asked.lower() != "false" and pod.spec.get("hostNetwork") is not True


def proxy_image(spec: Obj) -> str:
    """Return the image of a pod's sidecar, empty where it has none."""
    containers = [*items(spec, "containers"), *items(spec, "initContainers")]
    return next((text(c, "image") for c in containers if text(c, "name") == PROXY), "")


def is_in_mesh(snapshot: Snapshot, namespace: str, metadata: Obj, spec: Obj) -> bool:
    """Whether a pod, or the pods of a template, have a sidecar or would get one."""
    if proxy_image(spec):
        return True
    for field in ("labels", "annotations"):
        marks = table(metadata, field)
        if INJECT in marks:
            return marks[INJECT] == "true"
    home = snapshot.find("Namespace", "", namespace)
    return home is not None and home.labels.get(LABEL) == "enabled"


def images(snapshot: Snapshot) -> Iterator[Message]:
    """Yield namespaces whose pods have another proxy than the control plane would give them."""
    mismatched = dict[str, list[str]]()
    for pod in snapshot.all("Pod"):
        home = snapshot.find("Namespace", "", pod.namespace)
        image = proxy_image(pod.spec)
        if home is None or not image or annotations_of(pod.obj).get(IMAGE):
            continue
        revision = home.labels.get(REVISION, "")
        if home.labels.get(LABEL) != "enabled" and not revision:
            continue
        wanted = _wanted_image(snapshot.injector_values(revision))
        if wanted and image not in (wanted, f"{wanted}-default"):
            mismatched.setdefault(pod.namespace, []).append(pod.name)
    for name in sorted(mismatched):
        namespace = snapshot.find("Namespace", "", name)
        if namespace:
            yield Message("IST0158", namespace, (listed(sorted(mismatched[name])),))


def _wanted_image(values: Obj) -> str:
    if not values:
        return ""
    image = text(values, "global.proxy.image")
    hub, tag = text(values, "global.hub"), at(values, "global.tag")
    if "/" in image:
        return image
    return f"{hub}/{image}:{tag}" if hub and tag else ""


def automatic_images(snapshot: Snapshot) -> Iterator[Message]:
    """Yield `image: auto` where nothing puts a real image in its place."""
    webhooks = [
        webhook
        for configuration in snapshot.all("MutatingWebhookConfiguration")
        for webhook in items(configuration.obj, "webhooks")
        if text(webhook, "name").endswith("istio.io")
    ]
    for pod in snapshot.all("Pod"):
        if _is_automatic(pod.spec):
            yield Message("IST0147", pod, ("Pod", pod.name))
    for deployment in snapshot.all("Deployment"):
        template = table(deployment.spec, "template")
        if not _is_automatic(table(template, "spec")):
            continue
        home = snapshot.find("Namespace", "", deployment.namespace or "default")
        around = home.labels if home else {}
        own = {k: str(v) for k, v in table(template, "metadata.labels").items()}
        if not any(
            matches_expressions(table(webhook, "namespaceSelector"), around)
            and matches_expressions(table(webhook, "objectSelector"), own)
            for webhook in webhooks
        ):
            yield Message("IST0146", deployment, ("Deployment", deployment.name))


def _is_automatic(spec: Obj) -> bool:
    containers = items(spec, "containers")
    return any(text(c, "name") == PROXY and text(c, "image") == "auto" for c in containers)
