"""Which pods of a namespace take plain text although they should not, and what lets them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.backends import Backend, ip_of
from app.checks.inforce import ROOT_NAMESPACE, Rules
from app.checks.peers import Mode, has_selector, mode_of
from app.clusters.objects import Object
from app.clusters.pods import PROXY, has_sidecar

Problem = tuple[str, str, str]  # reason, message, look


@dataclass(frozen=True)
class Facts:
    """What the objects say about a namespace and the Service that is asked."""

    namespace: str
    backend: Backend
    port: int
    pods: Sequence[Object]
    policies: Sequence[Object]
    namespaces: Sequence[Object]
    rules: Rules


def ports(facts: Facts, pod: Object) -> list[int]:
    """Return the ports of a pod that matter: what it declares, and what the Service sends to."""
    declared = {
        int(part.number("containerPort") or 0)
        for container in pod.parts("spec.containers")
        if container.text("name") != PROXY
        for part in container.parts("ports")
    }
    if ip_of(pod) in {ip_of(each) for each in facts.backend.pods}:
        declared.add(facts.backend.target_port(facts.port, pod))
    return sorted(declared) or [0]


def wrong_mode(facts: Facts, wanted: str) -> Problem | None:
    """Return why a port of the namespace is not in the mode that is asked; None where all are."""
    for pod in facts.pods:
        for port in ports(facts, pod):
            mode = mode_of(pod, port, facts.policies)
            if mode.mode != wanted:
                return _why(mode, pod, port, facts, wanted)
    return _of_a_pod_to_come(facts, wanted)


def _of_a_pod_to_come(facts: Facts, wanted: str) -> Problem | None:
    """Return why a pod with labels of its own, made tomorrow, would not be in that mode."""
    stranger = Object({"metadata": {"namespace": facts.namespace, "labels": {"app": "tomorrow"}}})
    mode = mode_of(stranger, 0, facts.policies)
    if mode.mode == wanted:
        return None
    text = (
        f"Every pod that runs in {facts.namespace} now is {wanted}, each by a policy with a "
        f"selector. A new pod with other labels would be {mode.mode}; expected was a policy for "
        "the whole namespace."
    )
    return "one-workload", text, f"kubectl get peerauthentications -n {facts.namespace} -o yaml"


def _why(mode: Mode, pod: Object, port: int, facts: Facts, wanted: str) -> Problem:
    look = f"kubectl get peerauthentications -n {facts.namespace} -o yaml"
    policy = mode.policy
    if mode.scope == "port" and policy is not None:
        text = (
            f"{policy.name} makes an exception for port {port}: {mode.mode}. Pod {pod.name} takes "
            f"plain text there; expected was {wanted} on every port."
        )
        return "port-override", text, look
    if mode.scope == "workload" and policy is not None:
        text = (
            f"{policy.name} is for the workload of pod {pod.name} alone and says {mode.mode}. The "
            f"narrower policy wins over the namespace's; expected was {wanted} for every pod."
        )
        return "workload-override", text, look
    if mode.scope == "namespace" and policy is not None:
        text = f"{policy.name} sets {mode.mode} for {facts.namespace}; expected was {wanted}."
        return "wrong-mode", text + _younger(policy, facts, wanted), look
    return _without_policy(mode, pod, facts, wanted)


def _younger(policy: Object, facts: Facts, wanted: str) -> str:
    for other in facts.policies:
        is_rival = other.namespace == facts.namespace and not has_selector(other)
        if is_rival and other.text("spec.mtls.mode") == wanted:
            return f" {other.name} says {wanted}, but {policy.name} is older and wins."
    return ""


def _without_policy(mode: Mode, pod: Object, facts: Facts, wanted: str) -> Problem:
    here = [each for each in facts.policies if each.namespace == facts.namespace]
    if here:
        is_narrow = all(map(has_selector, here))
        text = (
            f"{', '.join(each.name for each in here)} in {facts.namespace} does not set a mode "
            f"for pod {pod.name}, which stays {mode.mode}; expected was {wanted} for every pod."
        )
        if is_narrow:
            text += " A selector restricts a policy to the pods with its labels."
        reason = "one-workload" if is_narrow else "wrong-mode"
        return reason, text, f"kubectl get peerauthentications -n {facts.namespace} -o yaml"
    elsewhere = _misplaced(facts, wanted)
    look = "kubectl get peerauthentications -A"
    if elsewhere:
        text = (
            f"A PeerAuthentication counts for its own namespace. Seen: {', '.join(elsewhere)}; "
            f"none in {facts.namespace}, whose pods stay {mode.mode}."
        )
        return "wrong-namespace", text, look
    text = (
        f"No PeerAuthentication speaks for {facts.namespace}: its pods are {mode.mode} and take "
        f"plain text too. Expected was {wanted}."
    )
    return "no-policy", text, look


def _misplaced(facts: Facts, wanted: str) -> list[str]:
    """Return policies that say what is asked in a namespace where nothing is injected."""
    outside_mesh = {
        each.name
        for each in facts.namespaces
        if each.labels.get("istio-injection") != "enabled" and "istio.io/rev" not in each.labels
    }
    return [
        f"{each.name} in {each.namespace}"
        for each in facts.policies
        if each.namespace in outside_mesh - {ROOT_NAMESPACE}
        and each.text("spec.mtls.mode") == wanted
    ]


def without_sidecar(facts: Facts) -> Problem | None:
    """Return which pods no policy can protect, since nothing in them speaks TLS."""
    bare = [pod.name for pod in facts.pods if not has_sidecar(pod)]
    if not bare:
        return None
    text = (
        f"The policy is in force, but {', '.join(bare)} has no sidecar: nothing in that pod "
        "speaks TLS, so it takes plain text whatever the policy says."
    )
    return "no-sidecar", text, f"kubectl get pods -n {facts.namespace}"
