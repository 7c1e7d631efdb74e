"""The weights of a split: what is in force decides, and traffic refutes a gross departure."""

from collections.abc import Mapping

import pytest
from fakes import FakeCluster
from mesh_objects import Raw
from traffic import (
    INSIDE,
    IPS,
    answered,
    backend,
    counters,
    counts,
    destination,
    istio,
    looked,
    route_page,
    split,
    spread,
    subset_cluster,
    subsets,
    traffic_verdict,
)

from app.checks.kind import Context
from app.checks.result import Finding
from app.checks.weights import KIND

SIZES = [100, 100, 100, 100, 100, 125, 156, 195, 244]


def mesh(*things: Raw, stream: str = "", weights: tuple[int, int] = (90, 10)) -> FakeCluster:
    """Return a cluster whose proxy agrees with a VirtualService of these weights."""
    cluster = FakeCluster([*backend(), *things])
    cluster.says("dojo-counters", stream or spread(weights[1] / sum(weights), SIZES))
    cluster.says("/clusters?filter", counters(counts(0, 0)))
    named = zip(("v1", "v2"), weights, strict=True)
    clusters = {subset_cluster(name): weight for name, weight in named if weight}
    cluster.says("dynamic_route_configs", route_page("backend-canary", clusters))
    return cluster


async def found(cluster: FakeCluster, weights: Mapping[str, int] | None = None) -> Finding:
    asked = {"v1": 90, "v2": 10} if weights is None else dict(weights)
    params = {"namespace": "mesh-demo", "host": "backend", "weights": asked}
    return await traffic_verdict("weights", params, cluster)


async def test_a_right_split_passes_with_count_share_and_interval() -> None:
    finding = await found(mesh(split(90, 10), subsets()))
    assert finding.passed
    assert "v2 gave 40 (10.0%; likely" in finding.message
    assert "backend-v2-17" in finding.evidence[0].text


async def test_the_stream_is_left_as_soon_as_the_verdict_is_clear() -> None:
    said: list[str] = []

    async def say(text: str) -> None:
        said.append(text)

    context = Context(mesh(split(90, 10), subsets()), INSIDE, INSIDE, say, patience_s=0)
    params = KIND.params(namespace="mesh-demo", host="backend", weights={"v1": 90, "v2": 10})
    assert (await KIND.check(context, params)).passed
    assert said[0] == "100 answers so far: v1 90, v2 10"
    assert len(said) < len(SIZES)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.33, 0.5, 1.0])
async def test_traffic_that_departs_grossly_is_refuted(share: float) -> None:
    finding = await found(mesh(split(90, 10), subsets(), stream=spread(share, SIZES)))
    assert finding.reason == "refuted"
    assert "not chance" in finding.message


async def test_where_nothing_is_asked_one_answer_refutes() -> None:
    stream = looked(counts(0, 0)) + answered(100) + looked(counts(1, 99))
    cluster = mesh(split(0, 100), subsets(), stream=stream, weights=(0, 100))
    assert (await found(cluster, {"v1": 0, "v2": 100})).reason == "refuted"


async def test_all_to_one_subset_passes_after_enough_answers() -> None:
    cluster = mesh(split(0, 100), subsets(), weights=(0, 100))
    assert (await found(cluster, {"v1": 0, "v2": 100})).passed


async def test_a_virtual_service_may_leave_out_who_gets_nothing() -> None:
    spec: Raw = {"hosts": ["backend"], "http": [{"route": [destination("v2")]}]}
    cluster = mesh(istio("VirtualService", "backend-canary", spec), subsets(), weights=(0, 100))
    assert (await found(cluster, {"v1": 0, "v2": 100})).passed


async def test_failing_requests_are_errors_after_five() -> None:
    stream = looked(counts(0, 0)) + answered(2) + answered(5, 503)
    finding = await found(mesh(split(90, 10), subsets(), stream=stream))
    assert finding.reason == "errors"
    assert "5 x 503" in finding.message


async def test_one_lost_request_is_an_accident() -> None:
    stream = spread(0.1, SIZES).replace("dojo-answer 200", "dojo-answer 503", 1)
    assert (await found(mesh(split(90, 10), subsets(), stream=stream))).passed


async def test_too_few_answers_are_no_verdict() -> None:
    finding = await found(mesh(split(90, 10), subsets(), stream=spread(0.1, [100])))
    assert finding.passed is None
    assert finding.reason == "too-slow"


async def test_other_weights_are_seen_before_any_traffic() -> None:
    cluster = mesh(split(80, 20), subsets(), weights=(80, 20))
    finding = await found(cluster)
    assert finding.reason == "wrong-weights"
    assert "v2: 20" in finding.message
    assert not any("dojo-answer" in line for line in cluster.asked)


async def test_a_subset_without_pods_is_told() -> None:
    finding = await found(mesh(split(90, 10), subsets(v2={"version": "v3"})))
    assert finding.reason == "empty-subset"
    assert "version=v3" in finding.message


async def test_a_subset_that_selects_the_other_version_is_told() -> None:
    finding = await found(mesh(split(90, 10), subsets(v2={"version": "v1"})))
    assert finding.reason == "wrong-labels"


async def test_two_subsets_of_the_same_pods_are_told() -> None:
    everyone: Raw = {"app": "backend"}
    finding = await found(mesh(split(90, 10), subsets(everyone, everyone)))
    assert finding.reason == "same-pods"


async def test_a_subset_that_nothing_defines_is_told() -> None:
    finding = await found(mesh(split(90, 10)))
    assert finding.reason == "unknown-subset"
    assert "503" in finding.message


async def test_a_proxy_with_other_weights_is_not_yet_in_step() -> None:
    cluster = FakeCluster([*backend(), split(90, 10), subsets()])
    page = route_page("backend-canary", {subset_cluster("v1"): 50, subset_cluster("v2"): 50})
    cluster.says("dynamic_route_configs", page)
    cluster.says("/clusters?filter", counters(counts(0, 0)))
    assert (await found(cluster)).reason == "not-in-proxy"


async def test_a_proxy_that_lacks_a_pod_is_not_yet_in_step() -> None:
    cluster = FakeCluster([*backend(), split(90, 10), subsets()])
    clusters = {subset_cluster("v1"): 90, subset_cluster("v2"): 10}
    cluster.says("dynamic_route_configs", route_page("backend-canary", clusters))
    cluster.says("/clusters?filter", counters({(subset_cluster("v1"), IPS["v1"][0]): 1}))
    finding = await found(cluster)
    assert finding.reason == "not-in-proxy"
    assert "nobody" in finding.evidence[0].text


async def test_without_a_probe_the_check_is_skipped() -> None:
    params = KIND.params(namespace="mesh-demo", host="backend", weights={"v1": 1})
    finding = await KIND.check(Context(FakeCluster()), params)
    assert (finding.passed, finding.reason) == (None, "no-probe")
