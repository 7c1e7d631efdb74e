"""weights: answers spread over the subsets of a host as its VirtualService's weights say."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from app.checks.asking import End, Look, Reply, asking, curl, look, requests
from app.checks.backends import ip_of
from app.checks.kind import Context, Kind, Params
from app.checks.proxy import Counters, cluster_name, of_host, since
from app.checks.result import Evidence, Finding, failed, passed, skipped
from app.checks.routing import REASONS, judge
from app.checks.scene import Destination, Scene, Wish, scene_of
from app.checks.sequential import Share, SplitTest, Verdict, batches
from app.checks.synced import no_probe, not_in_proxy, pods_not_in_proxy
from app.clusters.cluster import PodRef

TOO_MANY_ERRORS = 5  # one lost request is an accident, five are a fault
TIME_LIMIT_S = 20.0


class WeightsParams(Params):
    """`weights` by subset. `label`: the pod label whose value is the subset's name; empty: any."""

    namespace: str
    host: str
    port: int | None = None
    weights: dict[str, int]
    label: str = "version"


class Tally:
    """What was heard so far. Shape: hits {subset: answers}, by_pod {(subset, pod): answers}."""

    def __init__(self, owners: Mapping[str, tuple[str, str]]) -> None:
        """`owners`: {address: (subset, pod)}."""
        self.owners = owners
        self.hits: Counter[str] = Counter()
        self.by_pod: Counter[tuple[str, str]] = Counter()
        self.errors: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Answers that count."""
        return self.hits.total()

    def add(self, before: Counters, after: Counters, host: str, port: int) -> None:
        """Count the answers between two looks, each for the pod that gave it."""
        grown = {(each.cluster, each.address): each for each in since(before, after)}
        for endpoint in of_host(grown, host, port):
            owner = self.owners.get(endpoint.ip, ("another pod", endpoint.ip))
            self.hits[owner[0]] += endpoint.success
            self.by_pod[owner] += endpoint.success

    def as_text(self) -> str:
        """Return the table of who answered how often."""
        return "\n".join(
            f"{subset:<8} {pod:<40} {count:>6}"
            for (subset, pod), count in sorted(self.by_pod.items())
            if count
        )


async def check(context: Context, params: WeightsParams) -> Finding:
    """Decide the weights from the configuration, then let traffic refute a gross departure."""
    if context.inside is None:
        return no_probe()
    scene = await scene_of(context.cluster, params.host, params.namespace, context.inside.namespace)
    wish = Wish(
        tuple(
            Destination(host=params.host, subset=name, port=params.port, weight=weight)
            for name, weight in params.weights.items()
        )
    )
    finding = judge(scene, wish) or _unfit_subsets(scene, params)
    if finding is None:
        out_of_step = await asyncio.gather(
            not_in_proxy(context, context.inside, scene, wish),
            pods_not_in_proxy(context, context.inside, scene.host, _members(scene, params)),
        )
        finding = out_of_step[0] or out_of_step[1]
    return finding or await _traffic(context, context.inside, scene, params)


def _unfit_subsets(scene: Scene, params: WeightsParams) -> Finding | None:
    """Return the finding where the subsets cannot be told apart, or have nobody in them."""
    active = [name for name, weight in params.weights.items() if weight]
    pods = {
        name: {pod.name for pod in scene.backend.selected(dict(scene.rules.subsets[name].labels))}
        for name in params.weights
        if name in scene.rules.subsets
    }
    where = f"kubectl get pods -n {scene.namespace} --show-labels"
    for name in active:
        labels = scene.rules.subsets[name].labels
        shown = ", ".join(f"{key}={value}" for key, value in labels.items()) or "no labels at all"
        if not pods[name]:
            return failed(
                "empty-subset",
                f"Subset {name} selects {shown}, but no ready pod of {params.host} carries that: "
                "its part of the requests gets 503.",
                look=where,
            )
        if params.label and labels.get(params.label, name) != name:
            return failed(
                "wrong-labels",
                f"Subset {name} selects {shown}; expected was the pods whose label {params.label} "
                f"is {name}.",
                look=f"kubectl get destinationrules -n {scene.namespace} -o yaml",
            )
    return _overlapping(scene, pods, where)


def _overlapping(scene: Scene, pods: Mapping[str, set[str]], where: str) -> Finding | None:
    names = sorted(pods)
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            both = pods[name] & pods[other]
            if both:
                return failed(
                    "same-pods",
                    f"Subsets {name} and {other} of {scene.host} both select "
                    f"{', '.join(sorted(both))}. A split needs subsets of different pods: compare "
                    "their labels.",
                    look=where,
                )
    return None


def _members(scene: Scene, params: WeightsParams) -> dict[str, set[str]]:
    """Return the pods that the proxy must know: {name of its cluster: addresses}."""
    port = params.port or scene.backend.port
    return {
        cluster_name(port, name, scene.host): {
            ip_of(pod) for pod in scene.backend.selected(dict(scene.rules.subsets[name].labels))
        }
        for name, weight in params.weights.items()
        if weight
    }


def _owners(scene: Scene, params: WeightsParams) -> dict[str, tuple[str, str]]:
    found = {ip_of(pod): ("another pod", pod.name) for pod in scene.backend.pods}
    for name in params.weights:
        subset = scene.rules.subsets.get(name)
        for pod in scene.backend.selected(dict(subset.labels)) if subset else []:
            found[ip_of(pod)] = (name, pod.name)
    return found


async def _traffic(context: Context, pod: PodRef, scene: Scene, params: WeightsParams) -> Finding:
    test = SplitTest(params.weights, context.error_rate)
    tally = Tally(_owners(scene, params))
    port = params.port or scene.backend.port
    verdict: Verdict = "undecided"
    before: Counters | None = None
    argv = _argv(scene.host, port, test.cap)
    async with asking(context.cluster, pod, argv, timeout_s=TIME_LIMIT_S) as heard:
        async for item in heard:
            if isinstance(item, Reply) and not item.is_success:
                tally.errors[item.trouble or str(item.status)] += 1
                if tally.errors.total() >= TOO_MANY_ERRORS:
                    return _errors(scene, tally)
            elif isinstance(item, Look):
                if before is not None:
                    tally.add(before, item.counters, scene.host, port)
                    verdict = test.judge(tally.hits, is_last=tally.total >= test.cap)
                    await context.say(_progress(tally, params))
                before = item.counters
                if verdict != "undecided":
                    break
            elif isinstance(item, End):
                break
    return _conclude(verdict, tally, scene, params, test)


def _argv(host: str, port: int, cap: int) -> list[str]:
    """Return one curl that looks and asks by turns."""
    asked = [requests(f"http://{host}:{port}/", size) for size in batches(cap)]
    return curl(look(host), *(part for each in asked for part in (each, look(host))))


def _progress(tally: Tally, params: WeightsParams) -> str:
    spread = ", ".join(f"{name} {tally.hits[name]}" for name in params.weights)
    return f"{tally.total} answers so far: {spread}"


def _errors(scene: Scene, tally: Tally) -> Finding:
    kinds = ", ".join(f"{count} x {what}" for what, count in tally.errors.most_common())
    return failed(
        "errors",
        f"The configuration is as asked, but requests to {scene.host} fail: {kinds}, after "
        f"{tally.total} good answers. Expected were answers from the subsets' pods.",
        Evidence("Who answered", tally.as_text()),
        look=f"kubectl get pods,endpointslices -n {scene.namespace}",
    )


def _conclude(
    verdict: Verdict, tally: Tally, scene: Scene, params: WeightsParams, test: SplitTest
) -> Finding:
    evidence = Evidence("Who answered", tally.as_text())
    counts = _counts(tally, params)
    if verdict == "accepted":
        return passed(
            f"Of {tally.total} answers {counts}. The configuration in force says the same.",
            evidence,
            look=f"kubectl get virtualservices -n {scene.namespace}",
        )
    if verdict == "refuted":
        asked = ", ".join(f"{name} {share:.0%}" for name, share in test.asked.items())
        return failed(
            "refuted",
            f"Asked is {asked}; of {tally.total} answers {counts}. That is not chance, although "
            "the objects and the caller's proxy have the weights that are asked.",
            evidence,
            look=f"istioctl proxy-config endpoints deploy/frontend -n {scene.namespace}",
        )
    return skipped(
        "too-slow",
        f"Only {tally.total} answers came within {TIME_LIMIT_S:g} s, too few to judge the split. "
        "Try again.",
    )


def _counts(tally: Tally, params: WeightsParams) -> str:
    names = [*params.weights, *(name for name in tally.hits if name not in params.weights)]
    return ", ".join(_count(name, Share(tally.hits[name], tally.total)) for name in names)


def _count(name: str, share: Share) -> str:
    low, high = share.interval()
    return f"{name} gave {share.hits} ({share.share:.1%}; likely {low:.1%} to {high:.1%})"


KIND = Kind(
    name="weights",
    params=WeightsParams,
    check=check,
    reads=("VirtualService", "DestinationRule", "Service", "Pod"),
    is_cheap=False,
    reasons=(*REASONS, "empty-subset", "wrong-labels", "same-pods", "errors", "refuted"),
)
