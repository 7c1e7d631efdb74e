"""What istioctl analyze says, as a verdict."""

import json

from fakes import FakeCluster
from verdicts import verdict

from app.checks.kind import Context
from app.checks.kinds import KINDS
from app.checks.result import Finding
from app.clusters.cluster import Output
from app.errors import ToolMissing

WANTED = {"namespace": "mesh-demo"}


def message(level: str, code: str, text: str) -> dict[str, str]:
    return {"level": level, "code": code, "message": text, "origin": "VirtualService mesh-demo/a"}


INFO = message("Info", "IST0118", "Port name doesn't follow the naming convention.")
WARNING = message("Warning", "IST0109", "The VirtualServices define the same host.")
ERROR = message("Error", "IST0101", 'Referenced host not found: "nowhere"')


async def found(*messages: dict[str, str], code: int = 0, **wanted: object) -> Finding:
    cluster = FakeCluster()
    cluster.says("istioctl analyze -n mesh-demo -o json", json.dumps(messages), code=code)
    return await verdict("analyze", {**WANTED, **wanted}, cluster)


async def test_silence_passes() -> None:
    assert (await found()).passed


async def test_information_alone_passes_unless_it_is_asked_for() -> None:
    assert (await found(INFO)).passed
    assert (await found(INFO, level="info")).reason == "ist0118"


async def test_the_gravest_message_is_told_and_its_code_is_the_reason() -> None:
    finding = await found(INFO, WARNING, ERROR, code=79)
    assert finding.reason == "ist0101"
    assert 'Referenced host not found: "nowhere"' in finding.message
    assert "2 things in all" in finding.message


async def test_a_warning_counts_unless_only_errors_do() -> None:
    assert (await found(WARNING)).reason == "ist0109"
    assert (await found(WARNING, level="error")).passed


async def test_codes_to_ignore_are_ignored() -> None:
    assert (await found(WARNING, ignore=["IST0109"])).passed


async def test_analyze_that_cannot_do_its_work_is_told_in_its_words() -> None:
    cluster = FakeCluster()
    cluster.says("istioctl analyze", code=1, stderr='namespace "mesh-demo" not found')
    finding = await verdict("analyze", WANTED, cluster)
    assert finding.reason == "failed"
    assert "not found" in finding.message


class NoIstioctl(FakeCluster):
    """A machine without istioctl."""

    async def istioctl(self, argv: object, *, timeout_s: float) -> Output:
        raise ToolMissing(
            "istioctl is not installed.", hint="The preflight page says how to get it."
        )


async def test_without_istioctl_the_check_is_skipped() -> None:
    finding = await KINDS["analyze"].bind(WANTED)(Context(NoIstioctl()))
    assert (finding.passed, finding.reason) == (None, "no-istioctl")
    assert "preflight" in finding.message
