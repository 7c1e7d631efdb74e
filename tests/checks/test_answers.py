"""One request: status, body and headers are compared, and curl's failures have names."""

import pytest
from fakes import FakeCluster
from traffic import URL, once, traffic_verdict

from app.checks.result import Finding


async def found(output: str, **asked: object) -> Finding:
    cluster = FakeCluster()
    cluster.says(
        "mesh-dojo-outside" if asked.get("from") == "outside" else "mesh-dojo-probe", output
    )
    return await traffic_verdict("answers", {"url": URL, **asked}, cluster)


async def test_an_answer_as_asked_passes_and_is_shown() -> None:
    output = once(200, "Backend v1\n", headers="Server: envoy\r\nX-App: a: b")
    finding = await found(output, body="Backend", headers={"x-app": "a: b"})
    assert finding.passed
    assert "Backend v1" in finding.evidence[0].text


async def test_it_may_be_asked_from_outside_the_mesh() -> None:
    assert "outside the mesh" in (await found(once(200), **{"from": "outside"})).message


@pytest.mark.parametrize(
    ("output", "asked", "reason"),
    [
        (once(503), {}, "status"),
        (once(200, "other"), {"body": "Backend"}, "body"),
        (once(200), {"headers": {"x-app": "1"}}, "headers"),
        (once(0, code=6), {}, "dns"),
        (once(0, code=7), {}, "refused"),
        (once(0, code=28), {}, "timeout"),
        (once(0, code=35), {}, "tls"),
        (once(0, code=60), {}, "tls"),
        (once(0, code=52), {}, "reset"),
        (once(0, code=56), {}, "reset"),
    ],
)
async def test_each_failure_has_its_reason(
    output: str, asked: dict[str, object], reason: str
) -> None:
    finding = await found(output, **asked)
    assert finding.reason == reason
    assert "curl -si" in finding.look


async def test_a_body_that_imitates_the_end_mark_changes_nothing() -> None:
    finding = await found(once(503, "dojo-answer 200 0 0.1\nX"))
    assert finding.reason == "status"


async def test_a_probe_that_says_nothing_is_a_timeout() -> None:
    cluster = FakeCluster()
    cluster.says("curl", "", code=None)
    finding = await traffic_verdict("answers", {"url": URL}, cluster)
    assert finding.reason == "timeout"
