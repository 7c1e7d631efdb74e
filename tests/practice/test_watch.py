"""Steps that come true by themselves: told once, recorded once, and nothing stale is left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from fakes import FakeCluster
from mesh_objects import namespace
from practice.sample import (
    ANSWERED,
    ASKED,
    CREATE,
    EXISTS,
    LEARNER,
    LESSON,
    TWO,
    FakeWorkplace,
    until,
)

from app.bus import Bus
from app.content.model import CheckSpec, Step
from app.practice.events import CheckDone, CheckEnded
from app.practice.examination import Examiner
from app.practice.watch import Watch, quiet
from app.progress.queries import Progress

TOPIC = f"learner:{LEARNER}"


@pytest.fixture
def examiner(workplace: FakeWorkplace, progress: Progress, bus: Bus) -> Examiner:
    return Examiner(workplace, progress, bus)


@pytest.fixture
def watch(workplace: FakeWorkplace, examiner: Examiner) -> Watch:
    return Watch(workplace, examiner)


@asynccontextmanager
async def watching(watch: Watch, step: Step, tabs: int = 1) -> AsyncIterator[None]:
    """Watch for as long as the block lasts."""
    tasks = [asyncio.create_task(watch.watch(LEARNER, LESSON, step)) for _ in range(tabs)]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def watched(cluster: FakeCluster) -> None:
    """Return when somebody watches the cluster."""
    while not cluster.watches:  # noqa: ASYNC110 - the fake has no event for it
        await asyncio.sleep(0.01)


def test_only_what_reads_state_and_needs_nothing_else_is_quiet() -> None:
    traffic = CheckSpec("split", "weights", "", {})
    after = CheckSpec("after", "namespace", "", {}, ("split",))
    last = CheckSpec("last", "namespace", "", {}, ("after", "exists"))
    beside = CheckSpec("beside", "namespace", "", {}, ("exists",))
    found = quiet([EXISTS, ANSWERED, traffic, after, last, beside])
    assert [spec.id for spec in found] == ["exists", "answered", "beside"]


async def test_a_step_that_comes_true_by_itself_is_recorded_once_for_all_tabs(
    watch: Watch, cluster: FakeCluster, progress: Progress, bus: Bus
) -> None:
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, CREATE, tabs=3):
            await watched(cluster)
            cluster.put(namespace("mesh-demo"))
            told = await until(subscription, CheckEnded)
            await asyncio.sleep(0.2)  # the other tabs have looked, too
    assert told[-1] == CheckEnded("demo", "create", True, True, by_itself=True)
    attempts = await progress.attempts(LEARNER, "demo", "create")
    assert [(each.passed, each.by_itself) for each in attempts] == [(True, True)]
    assert (await progress.journey(LEARNER)).steps["demo", "create"].attempts == 0


async def test_a_failing_check_is_not_shown_before_it_was_true(
    watch: Watch, cluster: FakeCluster, bus: Bus
) -> None:
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, TWO):
            await watched(cluster)
            cluster.put(namespace("mesh-demo"))
            (came,) = await until(subscription, CheckDone)
            cluster.remove("Namespace", "mesh-demo")
            (went,) = await until(subscription, CheckDone)
    assert isinstance(came, CheckDone)
    assert isinstance(went, CheckDone)
    assert (came.result.check, came.result.passed) == ("exists", True)
    assert (went.result.check, went.result.passed) == ("exists", False)


async def test_of_several_tabs_one_looks_at_a_change_and_all_are_told_once(
    watch: Watch, cluster: FakeCluster, bus: Bus
) -> None:
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, TWO, tabs=3):
            await watched(cluster)
            await asyncio.sleep(0.1)  # each tab has looked once, when it was opened
            cluster.put(namespace("mesh-demo"))
            (came,) = await until(subscription, CheckDone)
            cluster.remove("Namespace", "mesh-demo")
            (went,) = await until(subscription, CheckDone)
    assert isinstance(came, CheckDone)
    assert isinstance(went, CheckDone)
    assert (came.result.passed, went.result.passed) == (True, False)


async def test_when_the_tab_that_watches_is_closed_another_watches_on(
    watch: Watch, cluster: FakeCluster, bus: Bus
) -> None:
    first = asyncio.create_task(watch.watch(LEARNER, LESSON, TWO))
    await watched(cluster)
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, TWO):
            first.cancel()
            cluster.put(namespace("mesh-demo"))
            (came,) = await until(subscription, CheckDone)
    assert isinstance(came, CheckDone)
    assert came.result.passed


async def test_a_step_with_a_question_does_not_pass_by_itself(
    watch: Watch, cluster: FakeCluster, progress: Progress, bus: Bus
) -> None:
    cluster.put(namespace("mesh-demo"))
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, ASKED):
            (told,) = await until(subscription, CheckDone)
    assert isinstance(told, CheckDone)
    assert told.result.check == "exists"
    assert await progress.attempts(LEARNER, "demo", "asked") == []


async def test_a_failure_that_is_true_no_longer_is_told_anew(
    examiner: Examiner, watch: Watch, cluster: FakeCluster, bus: Bus
) -> None:
    await examiner.examine(LEARNER, LESSON.id, TWO)
    with bus.subscribe(TOPIC) as subscription:
        async with watching(watch, TWO):
            await watched(cluster)
            cluster.put(namespace("mesh-demo", deletionTimestamp="2026-11-23T09:00:00Z"))
            (told,) = await until(subscription, CheckDone)
    assert isinstance(told, CheckDone)
    assert (told.result.check, told.result.finding.reason) == ("exists", "terminating")


async def test_what_waited_for_a_check_that_has_come_true_says_so(
    examiner: Examiner, watch: Watch, cluster: FakeCluster, bus: Bus
) -> None:
    split = CheckSpec("split", "answers", "It answers", {"url": "http://x/"}, ("exists",))
    step = Step("waits", "Waits", (), (EXISTS, split), CREATE.hints, "")
    await examiner.examine(LEARNER, LESSON.id, step)
    assert (await examiner.known(LEARNER, "demo", "waits"))["split"].reason == "needs"
    cluster.put(namespace("mesh-demo"))
    await watch.answered(LEARNER, "demo", step)
    known = await examiner.known(LEARNER, "demo", "waits")
    assert (known["exists"].passed, known["split"].reason) == (True, "changed")


async def test_the_right_answer_passes_a_step_that_is_true_otherwise(
    watch: Watch, cluster: FakeCluster, progress: Progress
) -> None:
    cluster.put(namespace("mesh-demo"))
    await progress.answer(LEARNER, "demo", "asked", "ready", "yes")
    await watch.answered(LEARNER, "demo", ASKED)
    (attempt,) = await progress.attempts(LEARNER, "demo", "asked")
    assert (attempt.passed, attempt.by_itself) == (True, True)


async def test_a_wrong_answer_is_told_at_once_and_is_no_attempt(
    examiner: Examiner, watch: Watch, progress: Progress
) -> None:
    await progress.answer(LEARNER, "demo", "asked", "ready", "no")
    await watch.answered(LEARNER, "demo", ASKED)
    known = await examiner.known(LEARNER, "demo", "asked")
    assert {check: result.reason for check, result in known.items()} == {"answered": "wrong-answer"}
    assert await progress.attempts(LEARNER, "demo", "asked") == []
