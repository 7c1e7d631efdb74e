"""A slow answer is cut off when it should be: measured, not read from the manifest."""

import pytest
from fakes import FakeCluster
from traffic import URL, traffic_verdict

from app.checks.result import Finding


def after(seconds: float, status: int = 504, code: int = 0) -> str:
    head = f"HTTP/1.1 {status} X\r\n\r\n" if status else ""
    return f"{head}\ndojo-answer {status:03d} {code} {seconds:.6f}\n"


async def found(*outputs: str) -> tuple[Finding, int]:
    cluster = FakeCluster()
    for output in outputs:
        cluster.says("curl", output)
    finding = await traffic_verdict("timeout", {"url": URL, "seconds": 5}, cluster)
    return finding, len(cluster.asked)


async def test_one_measurement_is_enough_where_it_is_right() -> None:
    finding, asked = await found(after(5.003))
    assert (finding.passed, asked) == (True, 1)
    assert "5.00 s" in finding.message


async def test_a_stutter_is_measured_again() -> None:
    finding, asked = await found(after(6.1), after(5.0))
    assert (finding.passed, asked) == (True, 2)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (after(10.5, 0, 28), "no-timeout"),
        (after(6.0, 200), "no-timeout"),
        (after(2.0), "too-early"),
        (after(8.0), "too-late"),
        (after(0.1, 503), "status"),
        (after(0.1, 0, 7), "status"),
    ],
)
async def test_each_departure_has_its_reason(output: str, reason: str) -> None:
    assert (await found(output))[0].reason == reason
