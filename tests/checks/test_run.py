"""The checks of a step: validated, run in order of need, each bounded in time."""

import asyncio
from contextlib import aclosing

import pytest
from fakes import BrokenCluster, FakeCluster, ForbiddenCluster, NeverCluster
from mesh_objects import condition, named, namespace

from app.checks import run
from app.checks.kind import Context
from app.checks.result import EVIDENCE_BYTES, CheckResult
from app.checks.run import in_order, reads, run_checks, validate, validate_step
from app.clusters.cluster import Cluster, Output
from app.content.model import CheckSpec
from app.errors import LessonMistake


def spec(id_: str, of: str = "namespace", /, *needs: str, **params: object) -> CheckSpec:
    given = params or {"name": id_, "injection": False}
    return CheckSpec(id_, of, f"Title of {id_}", given, needs, source="checks.yaml:7")


async def results(cluster: Cluster, *specs: CheckSpec) -> dict[str, CheckResult]:
    return {result.check: result async for result in run_checks(specs, Context(cluster))}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (spec("a", "sidecar"), "checks.yaml:7: there is no kind of check 'sidecar'"),
        (spec("a", "namespace", name="x", nmae="y"), "checks.yaml:7: namespace: nmae: Extra"),
        (spec("a", "sidecars", namespace="x"), "sidecars: deployments: Field required"),
        (spec("a", "object", kind="Podd", name="x"), "object: kind: .* the kind Podd"),
        (spec("a", "namespace", "b"), "a needs b, which cannot come first"),
        (spec("a", "namespace", "a"), "a needs a, which cannot come first"),
    ],
)
def test_a_mistake_in_a_check_is_told_with_file_and_line(wrong: CheckSpec, words: str) -> None:
    with pytest.raises(LessonMistake, match=words) as caught:
        validate_step([wrong])
    assert (caught.value.file, caught.value.line) == ("checks.yaml", 7)


def test_a_right_check_is_let_through() -> None:
    validate(spec("a"))


def test_a_check_comes_after_those_it_needs() -> None:
    specs = [spec("c", "namespace", "b"), spec("b", "namespace", "a"), spec("a")]
    assert [each.id for each in in_order(specs)] == ["a", "b", "c"]


def test_a_check_of_any_object_reads_the_kind_that_it_names() -> None:
    assert reads(spec("a", "single", kind="VirtualService")) == ("VirtualService",)
    assert "Pod" in reads(spec("a", "sidecars"))
    gone = [{"kind": "Gateway", "name": "g"}, {"kind": "Sidecar", "name": "s"}]
    assert {"Gateway", "Sidecar"} <= set(reads(spec("a", "absent", objects=gone)))


async def test_each_check_has_its_result() -> None:
    found = await results(FakeCluster([namespace("a")]), spec("a"), spec("b"))
    assert found["a"].passed
    assert found["b"].finding.reason == "no-namespace"
    assert found["b"].title == "Title of b"


async def test_what_needs_a_failed_check_is_skipped_and_so_is_what_needs_that() -> None:
    specs = [spec("a"), spec("b", "namespace", "a"), spec("c", "namespace", "b")]
    found = await results(FakeCluster(), *specs)
    assert found["a"].passed is False
    for skipped in (found["b"], found["c"]):
        assert (skipped.passed, skipped.finding.reason) == (None, "needs")
    assert "Title of a" in found["b"].finding.message


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [(BrokenCluster(), "unreachable"), (ForbiddenCluster(), "forbidden")],
)
async def test_a_cluster_that_cannot_be_asked_is_nobodys_fault(
    cluster: Cluster, reason: str
) -> None:
    found = await results(cluster, spec("a"))
    assert (found["a"].passed, found["a"].finding.reason) == (None, reason)


async def test_a_cluster_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHEAP_LIMIT_S", 0.02)
    found = await results(NeverCluster(), spec("a"))
    assert (found["a"].passed, found["a"].finding.reason) == (None, "too-slow")


class Gate(FakeCluster):
    """Answers for namespace `late` only once the gate is open; counts who is asking at a time."""

    def __init__(self) -> None:
        super().__init__([namespace("late"), namespace("soon")])
        self.open = asyncio.Event()
        self.asking = self.most = 0

    async def get(self, kind: str, name: str, namespace: str = ""):  # type: ignore[no-untyped-def]
        if name == "late":
            await self.open.wait()
        return await super().get(kind, name, namespace)

    async def istioctl(self, argv: object, *, timeout_s: float) -> Output:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        return Output(0, "[]", "")


async def test_results_come_as_they_happen() -> None:
    cluster, seen = Gate(), []
    async for result in run_checks([spec("late"), spec("soon")], Context(cluster)):
        seen.append(result.check)
        cluster.open.set()
    assert seen == ["soon", "late"]


async def test_leaving_early_ends_what_still_runs() -> None:
    before = asyncio.all_tasks()
    async with aclosing(run_checks([spec("late"), spec("soon")], Context(Gate()))) as stream:
        async for _ in stream:
            break
    assert asyncio.all_tasks() == before


async def test_checks_that_send_traffic_run_one_at_a_time() -> None:
    cluster = Gate()
    specs = [spec(name, "analyze", namespace=name) for name in ("a", "b", "c")]
    assert len(await results(cluster, *specs)) == 3
    assert cluster.most == 1


async def test_evidence_is_cut_to_what_a_page_can_hold() -> None:
    crds = [named("CustomResourceDefinition", f"{'k' * 90}{n}.istio.io") for n in range(99)]
    found = await results(FakeCluster(crds), spec("a", "absent", istio=True))
    text = found["a"].finding.evidence[0].text
    assert text.endswith("\n...")
    assert len(text.encode()) <= EVIDENCE_BYTES + 4


async def test_secrets_are_taken_out_of_what_is_shown() -> None:
    said = "Authorization: Bearer abcdefghijklmnop"
    going = namespace("a", deletionTimestamp="2026-11-23T12:00:00Z")
    going["status"] = {"conditions": [condition("NamespaceContentRemaining", "True", said)]}
    found = await results(FakeCluster([going]), spec("a", "absent", namespaces=["a"]))
    assert "[redacted]" in found["a"].finding.message
    assert "abcdefghijklmnop" not in found["a"].finding.message
