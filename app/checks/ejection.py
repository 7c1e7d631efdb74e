"""ejection: outlier detection takes a failing pod out, and lets it back in.

A path that always fails makes every pod look broken; the caller's proxy then says in its health
flags whom it
keeps out. The wait for its return is counted down, since it takes the ejection time and up to one
interval more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from app.checks.asking import Look, Reply, asking, curl, look, looks, requests
from app.checks.durations import seconds_of
from app.checks.kind import Context, Kind, Params
from app.checks.proxy import Counters, Endpoint, cluster_name, known_cluster, of_host, since
from app.checks.result import Evidence, Finding, failed, passed, skipped
from app.checks.scene import Scene, scene_of
from app.checks.synced import no_probe, until
from app.clusters.cluster import PodRef

DEFAULT_INTERVAL_S = 10.0  # Istio's, where the rule names none; the same for consecutive 5xx: 5
MAX_EJECTION_S = 300.0  # Envoy's longest ejection by default
REPEATS = 3  # each further ejection of a pod lasts one base time longer: allow for earlier tries
SLACK_S = 5.0


class EjectionParams(Params):
    """`path` must answer 5xx on every pod of `host`. Units: seconds."""

    namespace: str
    host: str
    path: str = "/status/503"
    consecutive_5xx: int
    base_ejection_s: float


@dataclass(frozen=True)
class Provoked:
    """What the failing requests led to, endpoint by endpoint of the cluster that served them."""

    endpoints: Sequence[Endpoint]
    replies: Sequence[Reply]
    before: Counters
    began_s: float  # monotonic: when the first request was sent

    @property
    def out(self) -> list[Endpoint]:
        """The endpoints that the proxy keeps out."""
        return [each for each in self.endpoints if each.is_ejected]

    @property
    def is_old(self) -> bool:
        """Whether those out were out before the first request: an earlier try's doing."""
        earlier = {key for key, each in self.before.items() if each.is_ejected}
        return {(each.cluster, each.address) for each in self.out} <= earlier


async def check(context: Context, params: EjectionParams) -> Finding:
    """Judge the rule, fail on purpose, see who is out, and wait until it is back."""
    pod = context.inside
    if pod is None:
        return no_probe()
    scene = await scene_of(context.cluster, params.host, params.namespace, pod.namespace)
    finding = _judge(scene, params) or await _not_in_proxy(context, pod, scene, params)
    if finding is not None:
        return finding
    provoked = await _provoke(context, pod, scene, params)
    if provoked is None:
        return skipped("too-slow", "The failing requests did not end in time. Try again.")
    return _misjudged(provoked, scene, params) or await _back(context, pod, scene, provoked, params)


def _judge(scene: Scene, params: EjectionParams) -> Finding | None:
    see = f"kubectl get destinationrules -n {scene.namespace} -o yaml"
    rule = scene.rules.policy_rule
    path = "spec.trafficPolicy.outlierDetection"
    if rule is None or rule.at(path) is None:
        other = next((r for r in scene.rules.objects if r.at(path) is not None), None)
        if rule is not None and other is not None:
            text = (
                f"{other.name} has outlierDetection, but {rule.name} is older: for one host the "
                f"traffic policy is taken from {rule.name} alone, and nothing says so."
            )
            return failed("older-destinationrule", text, look=see)
        text = f"No DestinationRule in force for {scene.host} has outlierDetection."
        return failed("no-outlier-detection", text, look=see)
    consecutive = rule.number(f"{path}.consecutive5xxErrors")
    base = seconds_of(rule.text(f"{path}.baseEjectionTime"))
    if (consecutive or 5, base or 30.0) != (params.consecutive_5xx, params.base_ejection_s):
        text = (
            f"{rule.name} ejects after {consecutive or 5:g} errors in a row for {base or 30.0:g} "
            f"s; asked are {params.consecutive_5xx} errors and {params.base_ejection_s:g} s."
        )
        return failed("wrong-value", text, look=see)
    if len(scene.backend.pods) < 2:
        text = (
            f"{params.host} has {len(scene.backend.pods)} ready pod. Ejecting it would leave "
            "nobody, and the limit in percent allows that for no single pod; expected were two "
            "or more."
        )
        return failed("one-replica", text, look=f"kubectl get pods -n {scene.namespace}")
    return None


async def _not_in_proxy(
    context: Context, pod: PodRef, scene: Scene, params: EjectionParams
) -> Finding | None:
    name = cluster_name(scene.backend.port, "", scene.host)
    found, is_same = await until(
        lambda: known_cluster(context.cluster, pod, name),
        lambda each: (
            each is not None
            and each.number("outlier_detection.consecutive_5xx") == params.consecutive_5xx
        ),
        context.patience_s,
    )
    if is_same:
        return None
    seen = "no such cluster" if found is None else f"{found.at('outlier_detection')}"
    text = f"The rule says what is asked, but the caller's proxy has for {scene.host}: {seen}."
    return failed("not-in-proxy", text, look="istioctl proxy-status")


async def _provoke(
    context: Context, pod: PodRef, scene: Scene, params: EjectionParams
) -> Provoked | None:
    count = 2 * params.consecutive_5xx * len(scene.backend.pods)  # enough for every pod, twice
    await context.say(f"Sending {count} requests that fail to {params.host}{params.path}")
    url = f"http://{scene.host}:{scene.backend.port}{params.path}"
    argv = curl(look(scene.host), requests(url, count), look(scene.host))
    seen, replies = list[Counters](), list[Reply]()
    began_s = monotonic()
    async with asking(context.cluster, pod, argv, timeout_s=60) as heard:
        async for item in heard:
            if isinstance(item, Look):
                seen.append(item.counters)
            elif isinstance(item, Reply):
                replies.append(item)
    if len(seen) < 2:
        return None
    return Provoked(_served(seen[0], seen[1], scene), replies, seen[0], began_s)


def _served(before: Counters, after: Counters, scene: Scene) -> list[Endpoint]:
    """Return the endpoints of the clusters that got any of the requests."""
    grown = {(each.cluster, each.address): each for each in since(before, after)}
    mine = of_host(grown, scene.host, scene.backend.port)
    used = {each.cluster for each in mine if each.total}
    return [each for each in mine if each.cluster in used]


def _misjudged(provoked: Provoked, scene: Scene, params: EjectionParams) -> Finding | None:
    evidence = Evidence("Endpoints in the caller's proxy", _table(provoked.endpoints, scene))
    see = f"kubectl get destinationrules -n {scene.namespace} -o yaml"
    good = next((reply for reply in provoked.replies if reply.exit or reply.status < 500), None)
    if good is not None:
        text = f"Expected was that {params.path} always fails with 5xx; seen: {good.told()}."
        return failed("status", text, evidence, look=f"kubectl get pods -n {scene.namespace}")
    if len(provoked.endpoints) == 1:
        text = f"Requests to {params.host} reach one pod alone: the only one is not ejected."
        return failed("one-replica", text, evidence, look=see)
    if not provoked.out:
        text = (
            f"After {len(provoked.replies)} failing requests no pod of {params.host} was ejected. "
            f"Each pod failed more than {params.consecutive_5xx} times in a row; compare "
            f"maxEjectionPercent with the number of pods ({len(provoked.endpoints)})."
        )
        return failed("not-ejected", text, evidence, look=see)
    if len(provoked.out) == len(provoked.endpoints):
        text = (
            f"All {len(provoked.out)} pods of {params.host} were ejected: nobody is left to "
            "answer. Expected was that maxEjectionPercent keeps some."
        )
        return failed("all-ejected", text, evidence, look=see)
    return None


async def _back(
    context: Context, pod: PodRef, scene: Scene, provoked: Provoked, params: EjectionParams
) -> Finding:
    out = {(each.cluster, each.address) for each in provoked.out}
    names = ", ".join(_pod_names(provoked.out, scene))
    limit_s = round(_limit_s(scene, params))
    evidence = Evidence("Endpoints in the caller's proxy", _table(provoked.endpoints, scene))
    argv = curl(looks(scene.host, limit_s, each_s=1))
    waited_s = 0
    async with asking(context.cluster, pod, argv, timeout_s=limit_s + 10) as heard:
        async for item in heard:
            if not isinstance(item, Look):
                continue
            if not any(each.is_ejected for key, each in item.counters.items() if key in out):
                return passed(_returned(names, waited_s, provoked, params), evidence)
            waited_s = max(waited_s + 1, round(monotonic() - provoked.began_s))
            await context.say(_countdown(names, waited_s, params))
    return failed(
        "not-back",
        f"{names} was ejected, as expected, but was still out {waited_s} s later. Each further "
        "ejection of the same pod lasts one base time longer.",
        evidence,
        look=f"kubectl get destinationrules -n {scene.namespace} -o yaml",
    )


def _returned(names: str, waited_s: int, provoked: Provoked, params: EjectionParams) -> str:
    if provoked.is_old:
        return (
            f"{names} was out since an earlier try already, and was back about {waited_s} s later."
        )
    return (
        f"{names} was ejected after {params.consecutive_5xx} errors in a row and was back "
        f"about {waited_s} s later."
    )


def _countdown(names: str, waited_s: int, params: EjectionParams) -> str:
    left = params.base_ejection_s - waited_s
    if left > 0:
        return f"{names} is out; {left:g} s until it may come back"
    return f"{names} is out for {waited_s} s; it comes back at the next look of outlier detection"


def _limit_s(scene: Scene, params: EjectionParams) -> float:
    rule = scene.rules.policy_rule
    text = rule.text("spec.trafficPolicy.outlierDetection.interval") if rule else ""
    interval_s = seconds_of(text) or DEFAULT_INTERVAL_S
    return min(MAX_EJECTION_S, REPEATS * params.base_ejection_s) + interval_s + SLACK_S


def _names(scene: Scene) -> Mapping[str, str]:
    return {pod.text("status.podIP"): pod.name for pod in scene.backend.pods}


def _pod_names(endpoints: Sequence[Endpoint], scene: Scene) -> list[str]:
    names = _names(scene)
    return [names.get(each.ip, each.ip) for each in endpoints]


def _table(endpoints: Sequence[Endpoint], scene: Scene) -> str:
    names = _names(scene)
    return "\n".join(
        f"{names.get(each.ip, each.ip):<40} {each.total:>4} requests  "
        + ("ejected" if each.is_ejected else "in use")
        for each in endpoints
    )


KIND = Kind(
    name="ejection",
    params=EjectionParams,
    check=check,
    reads=("DestinationRule", "VirtualService", "Pod"),
    is_cheap=False,
    reasons=(
        "one-replica",
        "no-outlier-detection",
        "older-destinationrule",
        "wrong-value",
        "not-in-proxy",
        "status",
        "not-ejected",
        "all-ejected",
        "not-back",
    ),
)
