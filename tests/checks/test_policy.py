"""The traffic policy in force: the oldest one counts, and the proxy must have it."""

import json

import pytest
from fakes import FakeCluster
from mesh_objects import Raw
from traffic import backend, istio, service, subset_cluster, traffic_verdict

from app.checks.result import Finding
from app.clusters.objects import Json

POOL: Raw = {"connectionPool": {"tcp": {"maxConnections": 100}}}
OUTLIERS: Raw = {
    "outlierDetection": {
        "consecutive5xxErrors": 5,
        "interval": "30s",
        "baseEjectionTime": "30s",
        "maxEjectionPercent": 50,
    }
}
PROXY: Raw = {
    "circuit_breakers": {"thresholds": [{"max_connections": 100}]},
    "outlier_detection": {
        "consecutive_5xx": 5,
        "interval": "30s",
        "base_ejection_time": "30s",
        "max_ejection_percent": 50,
    },
}


def rule(
    policy: Json, name: str = "backend-destination", space: str = "mesh-demo", **spec: Json
) -> Raw:
    whole: Raw = {"host": "backend", "trafficPolicy": policy, **spec}
    return istio("DestinationRule", name, whole, space, is_new=name.startswith("new"))


async def found(*things: Raw, proxy: Raw | None = None, **asked: object) -> Finding:
    cluster = FakeCluster([*backend(), *things])
    entry: Raw = {"name": subset_cluster(""), **(PROXY if proxy is None else proxy)}
    cluster.says("dynamic_active_clusters", json.dumps({"configs": [{"cluster": entry}]}))
    wanted = asked or {"consecutive_5xx": 5, "interval_s": 30, "max_ejection_percent": 50}
    params = {"namespace": "mesh-demo", "host": "backend", **wanted}
    return await traffic_verdict("policy", params, cluster)


async def test_a_policy_as_asked_passes_once_the_proxy_has_it() -> None:
    whole = rule({**POOL, **OUTLIERS, "loadBalancer": {"simple": "ROUND_ROBIN"}})
    finding = await found(
        whole, max_connections=100, load_balancer="ROUND_ROBIN", base_ejection_s=30
    )
    assert finding.passed
    assert "maxConnections: 100" in finding.evidence[0].text


@pytest.mark.parametrize(
    ("things", "reason"),
    [
        ([], "no-destinationrule"),
        ([rule(OUTLIERS, space="default")], "other-namespace"),
        ([rule(OUTLIERS, host="backned")], "wrong-host"),
        ([rule(POOL)], "wrong-value"),
        ([rule(None)], "wrong-value"),
        ([rule(POOL), rule(OUTLIERS, "new-breaker")], "older-destinationrule"),
    ],
)
async def test_each_mistake_has_its_reason(things: list[Raw], reason: str) -> None:
    assert (await found(*things)).reason == reason


async def test_the_ignored_rule_is_named_with_the_one_that_hides_it() -> None:
    finding = await found(rule(POOL), rule(OUTLIERS, "new-breaker"))
    assert "new-breaker says what is asked, but backend-destination" in finding.message


async def test_a_rule_of_another_namespace_for_its_own_service_is_no_suspect() -> None:
    other = rule(OUTLIERS, space="shop")
    assert (await found(other, service("backend", space="shop"))).reason == "no-destinationrule"


async def test_settings_of_a_port_replace_the_general_ones() -> None:
    ports: Json = [{"port": {"number": 80}, **POOL}]
    finding = await found(rule({**OUTLIERS, "portLevelSettings": ports}))
    assert finding.reason == "wrong-value"
    assert "not set" in finding.message


async def test_a_proxy_without_it_is_out_of_step() -> None:
    finding = await found(rule(OUTLIERS), proxy={"circuit_breakers": {}})
    assert finding.reason == "not-in-proxy"
