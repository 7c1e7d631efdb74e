"""mtls: a namespace takes mutual TLS only: plain text is refused, and the mesh is served."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.checks.asking import Reply, ask_once
from app.checks.backends import Backend, backend, ip_of, place_of_url
from app.checks.inforce import ROOT_NAMESPACE, Rules, destination_rules
from app.checks.kind import Context, Kind, Params
from app.checks.peers import Mode, has_selector, mode_of
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.synced import no_probe, until
from app.clusters.cluster import Cluster, PodRef
from app.clusters.objects import Object
from app.clusters.pods import PROXY, has_sidecar

REFUSED = (52, 56)  # curl: closed without an answer, reset; which one depends on curl's version
REQUEST_S = 4.0


class MtlsParams(Params):
    """`url` is asked in plain text from outside the mesh, and from inside it."""

    namespace: str
    mode: Literal["STRICT"] = "STRICT"
    url: str


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


Problem = tuple[str, str, str]  # reason, message, look


async def check(context: Context, params: MtlsParams) -> Finding:
    """Read the policies and ask from both sides at once; then judge, the plainest cause first."""
    if context.inside is None or context.outside is None:
        return no_probe()
    cluster, caller = context.cluster, context.inside.namespace
    facts, outside, inside = await asyncio.gather(
        _facts(cluster, params, caller),
        ask_once(cluster, context.outside, params.url, max_time_s=REQUEST_S),
        ask_once(cluster, context.inside, params.url, max_time_s=REQUEST_S),
    )
    problem = _wrong_mode(facts, params)
    if problem is None and not _is_refused(outside):
        outside = await _again(context, context.outside, params.url)
    problem = problem or _without_sidecar(facts) or _heard(facts, params, outside, inside)
    evidence = _evidence(facts, outside, inside)
    if problem is not None:
        return failed(problem[0], problem[1], *evidence, look=problem[2])
    return passed(
        f"All of {params.namespace} takes mutual TLS only. {params.url} in plain text from outside "
        f"the "
        f"mesh: {outside.told()}; through the mesh: {inside.told()}.",
        *evidence,
    )


async def _facts(cluster: Cluster, params: MtlsParams, caller: str) -> Facts:
    host, port = place_of_url(params.url)
    behind, pods, policies, namespaces, rules = await asyncio.gather(
        backend(cluster, host, params.namespace),
        cluster.list("Pod", params.namespace),
        cluster.list("PeerAuthentication"),
        cluster.list("Namespace"),
        cluster.list("DestinationRule"),
    )
    live = [pod for pod in pods if pod.text("status.phase") == "Running" and not pod.is_terminating]
    merged = destination_rules(behind.host, behind.namespace, rules, caller)
    return Facts(params.namespace, behind, port, live, policies, namespaces, merged)


async def _again(context: Context, pod: PodRef, url: str) -> Reply:
    """Ask until plain text is refused: a new policy reaches the sidecars within a second or two."""
    reply, _is_same = await until(
        lambda: ask_once(context.cluster, pod, url, max_time_s=REQUEST_S),
        _is_refused,
        context.patience_s,
    )
    return reply


def _is_refused(reply: Reply) -> bool:
    return reply.exit in REFUSED


def _ports(facts: Facts, pod: Object) -> list[int]:
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


def _wrong_mode(facts: Facts, params: MtlsParams) -> Problem | None:
    for pod in facts.pods:
        for port in _ports(facts, pod):
            mode = mode_of(pod, port, facts.policies)
            if mode.mode != params.mode:
                return _why(mode, pod, port, facts, params)
    return None


def _why(mode: Mode, pod: Object, port: int, facts: Facts, params: MtlsParams) -> Problem:
    look = f"kubectl get peerauthentications -n {facts.namespace} -o yaml"
    policy = mode.policy
    if mode.scope == "port" and policy is not None:
        text = (
            f"{policy.name} makes an exception for port {port}: {mode.mode}. "
            f"Pod {pod.name} takes plain text there; expected was {params.mode} on every port."
        )
        return "port-override", text, look
    if mode.scope == "workload" and policy is not None:
        text = (
            f"{policy.name} is for the workload of pod {pod.name} alone and says {mode.mode}. The "
            f"narrower "
            f"policy wins over the namespace's; expected was {params.mode} for every pod."
        )
        return "workload-override", text, look
    if mode.scope == "namespace" and policy is not None:
        text = f"{policy.name} sets {mode.mode} for {facts.namespace}; expected was {params.mode}."
        return "wrong-mode", text + _younger(policy, facts, params), look
    return _without_policy(mode, pod, facts, params)


def _younger(policy: Object, facts: Facts, params: MtlsParams) -> str:
    for other in facts.policies:
        is_rival = other.namespace == facts.namespace and not has_selector(other)
        if is_rival and other.text("spec.mtls.mode") == params.mode:
            return f" {other.name} says {params.mode}, but {policy.name} is older and wins."
    return ""


def _without_policy(mode: Mode, pod: Object, facts: Facts, params: MtlsParams) -> Problem:
    here = [each for each in facts.policies if each.namespace == facts.namespace]
    if here:
        text = (
            f"{', '.join(each.name for each in here)} in {facts.namespace} does not set a mode for "
            f"pod "
            f"{pod.name}, which stays {mode.mode}; expected was {params.mode} for every pod."
        )
        reason = "one-workload" if all(map(has_selector, here)) else "wrong-mode"
        return reason, text, f"kubectl get peerauthentications -n {facts.namespace} -o yaml"
    elsewhere = _misplaced(facts, params)
    look = "kubectl get peerauthentications -A"
    if elsewhere:
        text = (
            f"A PeerAuthentication counts for its own namespace. Seen: {', '.join(elsewhere)}; "
            f"none in {facts.namespace}, whose pods stay {mode.mode}."
        )
        return "wrong-namespace", text, look
    text = (
        f"No PeerAuthentication speaks for {facts.namespace}: its pods are {mode.mode} and take "
        f"plain text "
        f"too. Expected was {params.mode}."
    )
    return "no-policy", text, look


def _misplaced(facts: Facts, params: MtlsParams) -> list[str]:
    """Return policies that say what is asked in a namespace where nothing is injected."""
    outside_mesh = {
        each.name
        for each in facts.namespaces
        if not {"istio-injection", "istio.io/rev"} & set(each.labels)
    }
    return [
        f"{each.name} in {each.namespace}"
        for each in facts.policies
        if each.namespace in outside_mesh - {ROOT_NAMESPACE}
        and each.text("spec.mtls.mode") == params.mode
    ]


def _without_sidecar(facts: Facts) -> Problem | None:
    bare = [pod.name for pod in facts.pods if not has_sidecar(pod)]
    if not bare:
        return None
    text = (
        f"The policy is in force, but {', '.join(bare)} has no sidecar: nothing in that pod "
        "speaks TLS, so it takes plain text whatever the policy says."
    )
    return "no-sidecar", text, f"kubectl get pods -n {facts.namespace}"


def _heard(facts: Facts, params: MtlsParams, outside: Reply, inside: Reply) -> Problem | None:
    if not _is_refused(outside):
        return _not_refused(facts, params, outside)
    if inside.is_success:
        return None
    rule, mode = facts.rules.policy_rule, ""
    if rule is not None:
        mode = rule.text("spec.trafficPolicy.tls.mode")
    if rule is not None and mode not in ("", "ISTIO_MUTUAL"):
        text = (
            f"DestinationRule {rule.name} tells callers of {facts.backend.host} to use tls mode "
            f"{mode}, "
            f"while the other side takes the mesh's mutual TLS only. Through the mesh: "
            f"{inside.told()}."
        )
        look = f"kubectl get destinationrules -n {rule.namespace} -o yaml"
        return "client-tls-off", text, look
    text = (
        f"Plain text is refused, as expected, but a request through the mesh fails too: "
        f"{inside.told()}. "
        "Expected was 200."
    )
    return "inside-refused", text, f"kubectl get pods,endpointslices -n {facts.namespace}"


def _not_refused(facts: Facts, params: MtlsParams, outside: Reply) -> Problem:
    if outside.exit:
        text = (
            f"Expected was that {params.url} in plain text is closed without an answer (curl exit "
            f"status "
            f"52 or 56); seen: {outside.told()}. That is no refusal of the mesh."
        )
        return (
            "plaintext-unclear",
            text,
            f"kubectl get services,endpointslices -n {facts.namespace}",
        )
    text = (
        f"The policy says {params.mode}, yet {params.url} in plain text from outside the mesh was "
        f"answered: {outside.told()}. The sidecars may not have the policy yet."
    )
    return "plaintext-accepted", text, "istioctl proxy-status"


def _evidence(facts: Facts, outside: Reply, inside: Reply) -> tuple[Evidence, ...]:
    modes = [
        f"{pod.name:<40} {port:>6}  {mode.mode:<10} from {mode.scope}"
        for pod in facts.pods
        for port in _ports(facts, pod)
        for mode in [mode_of(pod, port, facts.policies)]
    ]
    heard = f"from outside, plain text: {outside.told()}\nthrough the mesh: {inside.told()}"
    return Evidence("Mode of each port", "\n".join(modes)), Evidence("Asked from both sides", heard)


KIND = Kind(
    name="mtls",
    params=MtlsParams,
    check=check,
    reads=("PeerAuthentication", "DestinationRule", "Pod", "Service", "Namespace"),
    is_cheap=False,
    reasons=(
        "no-policy",
        "wrong-namespace",
        "wrong-mode",
        "one-workload",
        "workload-override",
        "port-override",
        "no-sidecar",
        "plaintext-accepted",
        "plaintext-unclear",
        "client-tls-off",
        "inside-refused",
    ),
)
