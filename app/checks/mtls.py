"""mtls: a namespace takes mutual TLS only: plain text is refused, and the mesh is served."""

import asyncio
from collections.abc import Callable
from typing import Literal

from app.checks.asking import Reply, ask_once
from app.checks.backends import backend, place_of_url
from app.checks.inforce import destination_rules
from app.checks.kind import Context, Kind, Params
from app.checks.peers import mode_of
from app.checks.protection import Facts, Problem, ports, without_sidecar, wrong_mode
from app.checks.result import Evidence, Finding, failed, passed
from app.checks.synced import no_probe, until
from app.clusters.cluster import Cluster, PodRef

REFUSED = (52, 56)  # curl: closed without an answer, reset; which one depends on curl's version
REQUEST_S = 4.0


class MtlsParams(Params):
    """`url` is asked in plain text from outside the mesh, and from inside it."""

    namespace: str
    mode: Literal["STRICT"] = "STRICT"
    url: str


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
    problem = wrong_mode(facts, params.mode)
    if problem is None and not _is_refused(outside):
        outside = await _again(context, context.outside, params.url, _is_refused)
    if problem is None and inside.is_success == bool(_client_tls(facts)):
        expected = _is_failure if _client_tls(facts) else _is_success
        inside = await _again(context, context.inside, params.url, expected)
    problem = problem or without_sidecar(facts) or _heard(facts, params, outside, inside)
    evidence = _evidence(facts, outside, inside)
    if problem is not None:
        return failed(problem[0], problem[1], *evidence, look=problem[2])
    return passed(
        f"All of {params.namespace} takes mutual TLS only. {params.url} in plain text from "
        f"outside the mesh: {outside.told()}; through the mesh: {inside.told()}.",
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


async def _again(
    context: Context, pod: PodRef, url: str, is_expected: Callable[[Reply], bool]
) -> Reply:
    """Ask until it is as the objects say: the sidecars take a second or two to follow."""
    reply, _is_same = await until(
        lambda: ask_once(context.cluster, pod, url, max_time_s=REQUEST_S),
        is_expected,
        context.patience_s,
    )
    return reply


def _is_success(reply: Reply) -> bool:
    return reply.is_success


def _is_failure(reply: Reply) -> bool:
    return not reply.is_success


def _client_tls(facts: Facts) -> str:
    """Return the tls mode that callers are told to use, where it is not the mesh's own."""
    rule = facts.rules.policy_rule
    mode = rule.text("spec.trafficPolicy.tls.mode") if rule else ""
    return "" if mode == "ISTIO_MUTUAL" else mode


def _is_refused(reply: Reply) -> bool:
    return reply.exit in REFUSED


def _heard(facts: Facts, params: MtlsParams, outside: Reply, inside: Reply) -> Problem | None:
    if not _is_refused(outside):
        return _not_refused(facts, params, outside)
    if inside.is_success:
        return None
    rule, mode = facts.rules.policy_rule, _client_tls(facts)
    if rule is not None and mode:
        text = (
            f"DestinationRule {rule.name} tells callers of {facts.backend.host} to use tls mode "
            f"{mode}, while the other side takes the mesh's mutual TLS only. Through the mesh: "
            f"{inside.told()}."
        )
        look = f"kubectl get destinationrules -n {rule.namespace} -o yaml"
        return "client-tls-off", text, look
    text = (
        "Plain text is refused, as expected, but a request through the mesh fails too: "
        f"{inside.told()}. Expected was 200."
    )
    return "inside-refused", text, f"kubectl get pods,endpointslices -n {facts.namespace}"


def _not_refused(facts: Facts, params: MtlsParams, outside: Reply) -> Problem:
    if outside.exit:
        text = (
            f"Expected was that {params.url} in plain text is closed without an answer (curl exit "
            f"status 52 or 56); seen: {outside.told()}. That is no refusal of the mesh."
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
        for port in ports(facts, pod)
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
