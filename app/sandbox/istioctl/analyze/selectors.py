"""Which pods Sidecars, Telemetries and AuthorizationPolicies mean, and who means the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.istioctl.analyze.injection import is_in_mesh
from app.sandbox.istioctl.analyze.labels import first_key, matches, written
from app.sandbox.istioctl.analyze.messages import Message, listed, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import items, strings, table, text, words


@dataclass(frozen=True)
class _Kind:
    """A kind of which one resource may select a pod, and one more a whole namespace."""

    kind: str
    selector: str
    same_pod: str
    no_selector: str


SIDECAR = _Kind("Sidecar", "workloadSelector.labels", "IST0110", "IST0111")
TELEMETRY = _Kind("Telemetry", "selector.matchLabels", "IST0159", "IST0160")


def sidecars(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Sidecars that select no pod, the pod of another one, or no pod in particular twice."""
    yield from _same_pods(snapshot, SIDECAR)
    yield from _several_for_all(snapshot, SIDECAR)


def telemetries(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Telemetries that select no pod, or the pod of another one."""
    yield from _same_pods(snapshot, TELEMETRY)


def default_telemetries(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Telemetries of a namespace that has several without a selector."""
    yield from _several_for_all(snapshot, TELEMETRY)


def _same_pods(snapshot: Snapshot, kind: _Kind) -> Iterator[Message]:
    by_pod = dict[tuple[str, str], list[Resource]]()
    for resource in snapshot.all(kind.kind):
        selector = strings(resource.spec, kind.selector)
        if not selector:
            continue
        pods = [
            pod
            for pod in snapshot.all("Pod")
            if pod.namespace == resource.namespace and matches(selector, pod.labels)
        ]
        for pod in pods:
            by_pod.setdefault((pod.namespace, pod.name), []).append(resource)
        if not pods:
            line = resource.line(f".spec.{kind.selector}.{first_key(selector)}")
            yield Message("IST0101", resource, ("selector", quoted(written(selector))), line)
    for (namespace, name), resources in by_pod.items():
        if len(resources) > 1:
            names = listed(sorted(resource.name for resource in resources))
            for resource in resources:
                said = (names, quoted(namespace), quoted(name))
                yield Message(kind.same_pod, resource, said, resource.line(".metadata.name"))


def _several_for_all(snapshot: Snapshot, kind: _Kind) -> Iterator[Message]:
    by_namespace = dict[str, list[Resource]]()
    for resource in snapshot.all(kind.kind):
        if not strings(resource.spec, kind.selector):
            by_namespace.setdefault(resource.namespace, []).append(resource)
    for namespace, resources in by_namespace.items():
        if len(resources) > 1:
            names = listed(sorted(resource.name for resource in resources))
            for resource in resources:
                yield Message(kind.no_selector, resource, (names, quoted(namespace)))


def telemetry_providers(snapshot: Snapshot) -> Iterator[Message]:
    """Yield access logging that names no provider where the mesh has no default one."""
    if table(snapshot.mesh_config(), "defaultProviders").get("accessLogging"):
        return
    for resource in snapshot.all("Telemetry"):
        for logging in items(resource.spec, "accessLogging"):
            if logging.get("disabled") is not True and not items(logging, "providers"):
                yield Message("IST0157", resource, (resource.name, quoted(resource.namespace)))


def authorization_policies(snapshot: Snapshot) -> Iterator[Message]:
    """Yield policies that apply to no pod of the mesh, and namespaces that do not exist."""
    in_mesh = [
        pod
        for pod in snapshot.all("Pod")
        if is_in_mesh(snapshot, pod.namespace, table(pod.obj, "metadata"), pod.spec)
    ]
    root = text(snapshot.mesh_config(), "rootNamespace", snapshot.istio_namespace)
    for policy in snapshot.all("AuthorizationPolicy"):
        selector = strings(policy.spec, "selector.matchLabels")
        is_for_mesh, has_selector = policy.namespace == root, "selector" in policy.spec
        pods = [pod for pod in in_mesh if is_for_mesh or pod.namespace == policy.namespace]
        is_fulfilled = any(matches(selector, pod.labels) for pod in pods)
        if not is_fulfilled and (has_selector or not is_for_mesh):
            yield Message("IST0127", policy, (written(selector),))
        yield from _namespaces(snapshot, policy)


def _namespaces(snapshot: Snapshot, policy: Resource) -> Iterator[Message]:
    known = [namespace.name for namespace in snapshot.all("Namespace")]
    for i, rule in enumerate(items(policy.spec, "rules")):
        for j, source in enumerate(items(rule, "from")):
            for field in ("namespaces", "notNamespaces"):
                for k, name in enumerate(words(source, f"source.{field}")):
                    if not any(_is_meant(name, each) for each in known):
                        path = f".spec.rules[{i}].from[{j}].source.namespaces[{k}]"
                        said = ("namespace", quoted(name))
                        yield Message("IST0101", policy, said, policy.line(path))


def _is_meant(written_: str, name: str) -> bool:
    if written_.startswith("*"):
        return name.endswith(written_[1:])
    if written_.endswith("*"):
        return name.startswith(written_[:-1])
    return name.lower() == written_.lower()
