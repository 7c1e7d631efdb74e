"""How often a failing request is tried: read from the endpoints' counters, not from answers."""

import pytest
from fakes import FakeCluster
from traffic import HOST, IPS, answered, counters, looked, subset_cluster, traffic_verdict

from app.checks.proxy import counted
from app.checks.result import Finding

FIRST, SECOND = IPS["v1"]


def tried(first: int, second: int) -> dict[tuple[str, str], int]:
    return {(subset_cluster(""), FIRST): first, (subset_cluster(""), SECOND): second}


async def found(stream: str) -> Finding:
    cluster = FakeCluster()
    cluster.says("dojo-counters", stream)
    params = {
        "url": f"http://{HOST}/status/503",
        "host": "backend",
        "namespace": "mesh-demo",
        "attempts": 4,
    }
    return await traffic_verdict("attempts", params, cluster)


def stream(first: int, second: int, status: int = 503, out: tuple[str, ...] = ()) -> str:
    before, after = looked(tried(10, 20)), looked(tried(10 + first, 20 + second), out, errors=1)
    return before + answered(3, status) + after


async def test_four_attempts_for_each_of_three_requests_pass() -> None:
    finding = await found(stream(5, 7))
    assert finding.passed
    assert "10.244.0.21:5678: 5 attempts" in finding.evidence[0].text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (stream(1, 2), "no-retries"),
        (stream(4, 5), "too-few"),
        (stream(8, 7), "too-many"),
        (stream(5, 7, 200), "status"),
    ],
)
async def test_each_departure_has_its_reason(text: str, reason: str) -> None:
    assert (await found(text)).reason == reason


async def test_an_ejection_meanwhile_is_named() -> None:
    assert FIRST in (await found(stream(4, 5, out=(FIRST,)))).message


async def test_a_stream_that_is_cut_is_no_verdict() -> None:
    assert (await found(looked(tried(0, 0)))).passed is None


async def test_counters_that_began_anew_count_from_zero() -> None:
    text = looked(tried(100, 100)) + answered(3, 503) + looked(tried(5, 7), errors=1)
    assert (await found(text)).passed


def test_an_address_of_the_newer_kind_keeps_its_colons() -> None:
    page = counters({("outbound|80||h", "[fd00::1]"): 3}).splitlines()
    ((key, endpoint),) = counted(page).items()
    assert key == ("outbound|80||h", "[fd00::1]:5678")
    assert (endpoint.ip, endpoint.total) == ("fd00::1", 3)
