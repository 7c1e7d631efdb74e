"""Checks when asked, and by themselves: recorded once, told as they happen, never a lie."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from fakes import FakeCluster
from mesh_objects import namespace
from practice.sample import (
    ASKED,
    CREATE,
    LEARNER,
    LESSON,
    TWO,
    FakeWorkplace,
    until,
)

from app.bus import Bus
from app.checks import namespace as namespaces
from app.checks import run as runs
from app.checks.kind import COURSE, Context, Params, Rigour
from app.checks.kinds import KINDS
from app.checks.result import CheckResult, Finding, passed
from app.content.model import CheckSpec, Step
from app.errors import AppError, ClusterUnavailable, NotAllowed, Refused
from app.practice.events import CheckDone, CheckEnded, CheckStarted
from app.practice.examination import Examiner, verdict
from app.progress.queries import Progress

TOPIC = f"learner:{LEARNER}"


@pytest.fixture
def examiner(workplace: FakeWorkplace, progress: Progress, bus: Bus) -> Examiner:
    return Examiner(workplace, progress, bus)


@asynccontextmanager
async def watching(examiner: Examiner, step: Step, tabs: int = 1) -> AsyncIterator[None]:
    """Watch for as long as the block lasts."""
    tasks = [asyncio.create_task(examiner.watch(LEARNER, LESSON, step)) for _ in range(tabs)]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def watched(cluster: FakeCluster) -> None:
    """Return when somebody watches the cluster."""
    while not cluster.watches:  # noqa: ASYNC110 - the fake has no event for it
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("passed", "is_passed"),
    [((True, True), True), ((True, None), None), ((None, False), False), ((True, False), False)],
)
def test_a_failure_decides_before_what_was_skipped(
    passed: Sequence[bool | None], is_passed: bool | None
) -> None:
    results = [CheckResult("a", "A", Finding(each, "", ""), 0.0) for each in passed]
    assert verdict(results) is is_passed


async def test_an_examination_is_told_from_beginning_to_end_and_recorded(
    examiner: Examiner, progress: Progress, bus: Bus
) -> None:
    with bus.subscribe(TOPIC) as subscription:
        await examiner.examine(LEARNER, LESSON.id, CREATE)
        told = await until(subscription, CheckEnded)
    assert [type(event) for event in told] == [CheckStarted, CheckDone, CheckEnded]
    assert told[-1] == CheckEnded("demo", "create", False, False)
    (attempt,) = await progress.attempts(LEARNER, "demo", "create")
    assert (attempt.passed, attempt.results[0].reason) == (False, "no-namespace")
    assert (await progress.journey(LEARNER)).steps["demo", "create"].attempts == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClusterUnavailable("It is away.", hint="Start it."), "unreachable"),
        (NotAllowed("Your token ran out."), "forbidden"),
        (Refused("It looks like production."), "refused"),
    ],
)
async def test_without_a_cluster_all_checks_are_skipped_and_no_attempt_is_burned(
    examiner: Examiner,
    workplace: FakeWorkplace,
    progress: Progress,
    error: AppError,
    reason: str,
) -> None:
    workplace.error = error
    results = await examiner.examine(LEARNER, LESSON.id, TWO)
    assert [(each.passed, each.finding.reason) for each in results] == [(None, reason)] * 2
    assert str(error) in results[0].finding.message
    state = (await progress.journey(LEARNER)).steps["demo", "two"]
    assert (state.attempts, state.passed) == (0, None)


async def test_the_right_answer_is_what_the_course_says(
    examiner: Examiner, cluster: FakeCluster, progress: Progress
) -> None:
    cluster.put(namespace("mesh-demo"))
    await progress.answer(LEARNER, "demo", "asked", "ready", "no")
    assert verdict(await examiner.examine(LEARNER, "demo", ASKED)) is False
    await progress.answer(LEARNER, "demo", "asked", "ready", "yes")
    assert verdict(await examiner.examine(LEARNER, "demo", ASKED)) is True


async def test_a_question_needs_no_cluster(
    examiner: Examiner, workplace: FakeWorkplace, progress: Progress
) -> None:
    workplace.error = ClusterUnavailable("It is away.")
    await progress.answer(LEARNER, "demo", "asked", "ready", "yes")
    results = await examiner.examine(LEARNER, "demo", ASKED)
    assert [each.passed for each in results] == [None, True]


async def test_once_the_mesh_is_gone_the_probes_go_too(
    examiner: Examiner, workplace: FakeWorkplace
) -> None:
    gone = CheckSpec("gone", "absent", "All gone", {"istio": True})
    step = Step("clean", "Clean", (), (gone,), CREATE.hints, "")
    await examiner.examine(LEARNER, LESSON.id, CREATE)
    assert workplace.sweeps == 0
    assert verdict(await examiner.examine(LEARNER, LESSON.id, step)) is True
    assert workplace.sweeps == 1


async def test_a_judgement_is_neither_recorded_nor_told(
    examiner: Examiner, progress: Progress, bus: Bus, cluster: FakeCluster
) -> None:
    cluster.put(namespace("mesh-demo"))
    with bus.subscribe(TOPIC) as told:
        results = await examiner.judge(LEARNER, "demo", TWO)
        await examiner.examine(LEARNER, LESSON.id, CREATE)
        first = await anext(aiter(told))
    assert [result.check for result in results] == ["exists", "other"]
    assert isinstance(first, CheckStarted)
    assert await progress.attempts(LEARNER, "demo", "two") == []


async def test_checks_for_a_mark_ask_for_more_certainty(
    workplace: FakeWorkplace, progress: Progress, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Context] = []

    async def keep(context: Context, _params: Params) -> Finding:
        seen.append(context)
        return passed("It is so.")

    kind = replace(namespaces.KIND, check=keep)
    monkeypatch.setattr(runs, "KINDS", {**KINDS, "namespace": kind})
    for rigour in (COURSE, Rigour(1e-6, 15.0)):
        await Examiner(workplace, progress, bus, rigour).judge(LEARNER, "demo", CREATE)
        assert (seen[-1].error_rate, seen[-1].patience_s) == (rigour.error_rate, rigour.patience_s)
