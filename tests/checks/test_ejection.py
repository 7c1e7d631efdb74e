"""A failing pod is ejected and comes back; each way in which it is not has its reason."""

import json

import pytest
from fakes import FakeCluster
from mesh_objects import Raw
from traffic import (
    INSIDE,
    IPS,
    answered,
    istio,
    looked,
    pod,
    service,
    subset_cluster,
    traffic_verdict,
)

from app.checks.ejection import KIND
from app.checks.kind import Context
from app.checks.result import Finding
from app.clusters.objects import Json

FIRST, SECOND = IPS["v1"]
OUTLIERS: Raw = {"consecutive5xxErrors": 5, "interval": "5s", "baseEjectionTime": "10s"}


def rule(outliers: Json, name: str = "breaker") -> Raw:
    policy: Raw = {"connectionPool": {}}
    if outliers:
        policy["outlierDetection"] = outliers
    spec: Raw = {"host": "backend", "trafficPolicy": policy}
    return istio("DestinationRule", name, spec, is_new=name.startswith("new"))


def table(first: int, second: int) -> dict[tuple[str, str], int]:
    return {(subset_cluster(""), FIRST): first, (subset_cluster(""), SECOND): second}


def provoked(*out: str, status: int = 503) -> str:
    return looked(table(0, 0)) + answered(20, status) + looked(table(5, 15), out, errors=1)


def cluster_with(*things: Raw, pods: int = 2, provoke: str = "", back: str = "") -> FakeCluster:
    labels = {"app": "backend"}
    made = [pod(f"backend-{ip}", ip, labels) for ip in (FIRST, SECOND)[:pods]]
    cluster = FakeCluster([service("backend"), *made, *things])
    entry: Raw = {"name": subset_cluster(""), "outlier_detection": {"consecutive_5xx": 5}}
    cluster.says("dynamic_active_clusters", json.dumps({"configs": [{"cluster": entry}]}))
    cluster.says("--rate", back or looked(table(5, 15), [FIRST]) * 3 + looked(table(5, 15)))
    cluster.says("dojo-answer", provoke or provoked(FIRST))
    return cluster


PARAMS = {
    "namespace": "mesh-demo",
    "host": "backend",
    "consecutive_5xx": 5,
    "base_ejection_s": 10,
}


async def found(cluster: FakeCluster) -> Finding:
    return await traffic_verdict("ejection", PARAMS, cluster)


async def test_a_pod_that_is_out_and_back_passes_with_a_countdown() -> None:
    said: list[str] = []

    async def say(text: str) -> None:
        said.append(text)

    context = Context(cluster_with(rule(OUTLIERS)), INSIDE, None, say, patience_s=0)
    finding = await KIND.check(context, KIND.params(**PARAMS))  # type: ignore[arg-type]
    assert finding.passed
    assert (
        f"backend-{FIRST} was ejected after 5 errors in a row and was back about 3 s"
        in finding.message
    )
    assert said[1:] == [f"backend-{FIRST} is out; {s} s until it may come back" for s in (9, 8, 7)]


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        (cluster_with(), "no-outlier-detection"),
        (cluster_with(rule(None)), "no-outlier-detection"),
        (cluster_with(rule(None), rule(OUTLIERS, "new")), "older-destinationrule"),
        (cluster_with(rule({**OUTLIERS, "consecutive5xxErrors": 7})), "wrong-value"),
        (cluster_with(rule({**OUTLIERS, "baseEjectionTime": "30s"})), "wrong-value"),
        (cluster_with(rule(OUTLIERS), pods=1), "one-replica"),
        (cluster_with(rule(OUTLIERS), provoke=provoked(status=200)), "status"),
        (cluster_with(rule(OUTLIERS), provoke=provoked()), "not-ejected"),
        (cluster_with(rule(OUTLIERS), provoke=provoked(FIRST, SECOND)), "all-ejected"),
        (cluster_with(rule(OUTLIERS), back=looked(table(5, 15), [FIRST]) * 30), "not-back"),
    ],
)
async def test_each_way_to_fail_has_its_reason(cluster: FakeCluster, reason: str) -> None:
    assert (await found(cluster)).reason == reason


async def test_a_proxy_that_does_not_watch_for_outliers_is_out_of_step() -> None:
    cluster = FakeCluster([service("backend"), rule(OUTLIERS)])
    for ip in (FIRST, SECOND):
        cluster.put(pod(f"backend-{ip}", ip, {"app": "backend"}))
    cluster.says("dynamic_active_clusters", "{}")
    assert (await found(cluster)).reason == "not-in-proxy"


async def test_a_pod_that_was_out_before_the_first_request_is_told_as_such() -> None:
    before = looked(table(0, 0), [FIRST])
    provoke = before + answered(20, 503) + looked(table(0, 20), [FIRST], errors=1)
    finding = await found(cluster_with(rule(OUTLIERS), provoke=provoke))
    assert finding.passed
    assert "since an earlier try" in finding.message
