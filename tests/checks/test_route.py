"""The route in force: every cause has its reason, and a proxy out of step is told apart."""

import pytest
from fakes import FakeCluster
from mesh_objects import Raw
from traffic import (
    HOST,
    backend,
    destination,
    istio,
    route_page,
    service,
    split,
    subset_cluster,
    subsets,
    traffic_verdict,
)

from app.checks.result import Finding
from app.clusters.objects import Json

WEIGHTED = [
    {"host": "backend", "subset": "v1", "weight": 90},
    {"host": "backend", "subset": "v2", "weight": 10},
]


def speaking(
    *routes: Json, name: str = "backend-routing", space: str = "mesh-demo", **spec: Json
) -> Raw:
    """Return a VirtualService with one HTTP route to these destinations."""
    whole: Raw = {"hosts": ["backend"], "http": [{"route": list(routes)}], **spec}
    return istio("VirtualService", name, whole, space)


async def found(*things: Raw, proxy: str = "{}", **asked: object) -> Finding:
    cluster = FakeCluster([*backend(), *things])
    cluster.says("dynamic_route_configs", proxy)
    params = {"namespace": "mesh-demo", "host": "backend", **asked}
    return await traffic_verdict("route", params, cluster)


async def test_a_route_as_asked_passes_once_the_proxy_has_it() -> None:
    page = route_page("backend-routing", {subset_cluster(""): 100})
    thing = speaking(destination(port={"number": 80}))
    finding = await found(thing, proxy=page, to=[{"host": "backend", "port": 80}])
    assert finding.passed
    assert "backend-routing is in force" in finding.message


@pytest.mark.parametrize("host", ["backend", HOST])
async def test_the_host_may_be_written_short_or_in_full(host: str) -> None:
    page = route_page("backend-routing", {subset_cluster(""): 100})
    assert (await found(speaking(destination(), hosts=[host]), proxy=page)).passed


async def test_a_condition_that_all_requests_meet_is_none() -> None:
    route: Json = [{"match": [{"uri": {"prefix": "/"}}], "route": [destination()]}]
    page = route_page("backend-routing", {subset_cluster(""): 100})
    assert (await found(speaking(http=route), proxy=page)).passed


async def test_the_older_one_wins_although_the_younger_is_right() -> None:
    older = speaking(destination())
    finding = await found(older, split(90, 10, is_new=True), subsets(), to=WEIGHTED)
    assert finding.reason == "older-virtualservice"
    assert "backend-canary says what is asked, but backend-routing" in finding.message


async def test_of_one_second_the_first_name_wins() -> None:
    finding = await found(split(90, 10), split(50, 50, "a-name"), subsets(), to=WEIGHTED)
    assert finding.reason == "older-virtualservice"
    assert "a-name is in force" in finding.message


@pytest.mark.parametrize(
    ("thing", "reason"),
    [
        (None, "no-virtualservice"),
        (speaking(destination(), hosts=["backned"]), "wrong-host"),
        (speaking(destination(), gateways=["mesh-gateway"]), "gateway-only"),
        (speaking(destination(), exportTo=["."]), "not-exported"),
        (speaking(destination(), space="default"), "other-namespace"),
        (speaking({"destination": {"host": "backned"}}), "unknown-destination"),
        (speaking(destination("v3")), "unknown-subset"),
        (speaking(destination(port={"number": 5678})), "wrong-port"),
        (speaking(destination()), "wrong-destination"),
        (speaking(http=[{"match": [{"uri": {"prefix": "/v2"}}]}]), "wrong-destination"),
        (speaking(http=[{"redirect": {"uri": "/"}}]), "wrong-destination"),
        (split(80, 20), "wrong-weights"),
        (split(10, 90), "wrong-weights"),
        (split(100, 0), "wrong-weights"),
    ],
)
async def test_each_mistake_has_its_reason(thing: Raw | None, reason: str) -> None:
    finding = await found(*([thing] if thing else []), subsets(), to=WEIGHTED)
    assert finding.reason == reason


async def test_one_of_another_namespace_with_a_service_of_its_own_is_no_suspect() -> None:
    other = speaking(destination(), space="elsewhere")
    finding = await found(other, service("backend", space="elsewhere"), to=WEIGHTED)
    assert finding.reason == "no-virtualservice"


@pytest.mark.parametrize(
    ("retries", "reason"),
    [
        ({"timeout": "3s"}, "wrong-timeout"),
        ({}, "wrong-timeout"),
        ({"timeout": "5s"}, "wrong-retries"),
        ({"timeout": "5s", "retries": {"attempts": 2}}, "wrong-retries"),
        (
            {"timeout": "5s", "retries": {"attempts": 3, "perTryTimeout": "1s"}},
            "wrong-retries",
        ),
        (
            {
                "timeout": "5s",
                "retries": {"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx"},
            },
            "wrong-retries",
        ),
    ],
)
async def test_times_and_retries_are_compared(retries: Raw, reason: str) -> None:
    thing = speaking(http=[{"route": [destination()], **retries}])
    asked = {"timeout_s": 5, "attempts": 3, "per_try_timeout_s": 2, "retry_on": ["5xx", "reset"]}
    assert (await found(thing, **asked)).reason == reason


async def test_times_as_asked_must_be_in_the_proxy_too() -> None:
    route: Json = {"route": [destination()], "timeout": "5000ms", "retries": {"attempts": 3}}
    thing, clusters = speaking(http=[route]), {subset_cluster(""): 100}
    late = route_page("backend-routing", clusters)
    assert (await found(thing, proxy=late, timeout_s=5)).reason == "not-in-proxy"
    page = route_page("backend-routing", clusters, timeout="5s", retry_policy={"num_retries": 3})
    assert (await found(thing, proxy=page, timeout_s=5, attempts=3)).passed


async def test_a_proxy_that_still_follows_another_is_told() -> None:
    page = route_page("backend-other", {subset_cluster(""): 100})
    assert (await found(speaking(destination()), proxy=page)).reason == "not-in-proxy"


async def test_a_proxy_that_knows_nothing_of_the_host_is_told() -> None:
    finding = await found(speaking(destination()))
    assert finding.reason == "not-in-proxy"
    assert "no route for this host" in finding.message
