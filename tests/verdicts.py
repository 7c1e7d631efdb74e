"""Run one check of a kind against a fake cluster, as a lesson would."""

from collections.abc import Mapping

from fakes import FakeCluster
from mesh_objects import NOW

from app.checks.kind import Context
from app.checks.kinds import KINDS
from app.checks.result import Finding


async def verdict(
    kind: str,
    params: Mapping[str, object],
    cluster: FakeCluster,
    *,
    answers: Mapping[str, str] | None = None,
    right: Mapping[str, str] | None = None,
    replies: Mapping[str, Mapping[str, str]] | None = None,
) -> Finding:
    """Return what the check finds; every failure's reason is one that its kind lists."""
    context = Context(
        cluster, answers=answers or {}, right=right or {}, replies=replies or {}, now=lambda: NOW
    )
    finding = await KINDS[kind].bind(params)(context)
    listed = [reason.replace("istNNNN", finding.reason) for reason in KINDS[kind].reasons]
    assert finding.passed or finding.reason in listed
    return finding
