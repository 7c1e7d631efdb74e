"""Which pod a word of the line means: `POD`, `POD.NAMESPACE` or `deploy/NAME`, with -n."""

from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Call
from app.sandbox.istioctl.line.failure import Failure
from app.sandbox.objects import Obj, items, labels_of, name_of, selects, strings, text
from app.sandbox.store.kinds import Kind
from app.sandbox.store.store import Store

# Kinds that select pods, with the field that holds the selector.
SELECTORS: Final = {
    "deployments.apps": "spec.selector.matchLabels",
    "replicasets.apps": "spec.selector.matchLabels",
    "jobs.batch": "spec.selector.matchLabels",
    "services": "spec.selector",
}


@dataclass(frozen=True)
class PodName:
    """A pod's name and namespace; whether there is such a pod is not said."""

    name: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.name}.{self.namespace}"


def pod_of(call: Call[Around], word: str) -> PodName:
    """Return the pod that a word means. Raises: Failure."""
    asked = call.flags.text("namespace") or call.context.request.namespace
    return find(call.context.lab.store, word, asked)


def find(store: Store, word: str, namespace: str) -> PodName:
    """Return the pod that a word means, in `namespace` where it names none. Raises: Failure."""
    written, slash, rest = word.rpartition("/")
    name, dot, place = rest.rpartition(".")
    name, namespace = (name, place) if dot else (rest, namespace)
    if not slash:
        return PodName(name, namespace)
    kind = _kind(store, written)
    if "/" in written:
        said = "arguments in resource/name form may not have more than one slash"
        raise Failure(f'failed retrieving: {said} in the "{namespace}" namespace')
    if kind is None:
        said = f'the server doesn\'t have a resource type "{written}"'
        raise Failure(f'failed retrieving: {said} in the "{namespace}" namespace')
    if kind.resource == "pods":
        return PodName(name, namespace)
    found = store.get(kind.resource, name, namespace)
    if found is None:
        said = f'{kind.resource} "{name}" not found'
        raise Failure(f'failed retrieving: {said} in the "{namespace}" namespace')
    if kind.resource not in SELECTORS:
        said = f"selector for {kind.kind} not implemented"
        raise Failure(f'"{written}/{name}" does not refer to a pod: {said}')
    pods = _selected(store, namespace, strings(found, SELECTORS[kind.resource]))
    if not pods:
        raise Failure(f'no pods match "{written}/{name}"')
    return PodName(name_of(pods[0]), namespace)


def _kind(store: Store, written: str) -> Kind | None:
    word = written.lower().partition(".")[0]
    for kind in store.kinds:
        if word in (kind.plural, kind.kind.lower(), kind.singular, *kind.short):
            return kind
    return None


def _selected(store: Store, namespace: str, selector: dict[str, str]) -> list[Obj]:
    """Return the pods, those that are ready first, the newest of them before the others."""
    found = [p for p in store.list("pods", namespace) if selects(selector, labels_of(p))]
    newest = sorted(found, key=lambda p: text(p, "metadata.creationTimestamp"), reverse=True)
    return sorted(newest, key=lambda p: not is_ready(p))


def is_ready(pod: Obj) -> bool:
    """Whether a pod's condition Ready is true."""
    return any(
        text(each, "type") == "Ready" and text(each, "status") == "True"
        for each in items(pod, "status.conditions")
    )
