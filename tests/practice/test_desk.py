"""What a learner does: refused before it starts, or recorded and told."""

import asyncio
from typing import NoReturn

import pytest
from fakes import FakeCluster, NeverCluster
from mesh_objects import namespace, pod
from practice.sample import COURSE, LEARNER, SERVICE, FakeWorkplace, until

from app.bus import Bus
from app.commands.runs import Runs
from app.errors import (
    Busy,
    ClusterUnavailable,
    CommandRefused,
    ManifestRefused,
    NotFound,
    StoreUnavailable,
)
from app.practice.desk import DRAFT_BYTES, Desk
from app.practice.events import CheckBroke, CheckStarted, RunChanged
from app.progress.queries import Progress
from app.store.engine import Store

STEP = (LEARNER, "demo", "create")


async def output(runs: Runs, run: str) -> list[str]:
    return [line.text async for batch in runs.follow(run) for line in batch]


async def test_a_fenced_command_runs_and_its_run_is_told(desk: Desk, runs: Runs, bus: Bus) -> None:
    with bus.subscribe(f"learner:{LEARNER}") as subscription:
        run = await desk.run(*STEP, "make", {})
        said = await output(runs, run.id)
        (began,) = await until(subscription, RunChanged)
        (ended,) = await until(subscription, RunChanged)
    assert said == ["kubectl create namespace mesh-demo"]
    assert isinstance(began, RunChanged)
    assert isinstance(ended, RunChanged)
    assert (began.run.state, ended.run.state, ended.run.command) == ("running", "finished", "make")


async def test_the_learners_own_text_is_what_is_applied(desk: Desk) -> None:
    texts = {"service.yaml": SERVICE.replace("mesh-demo", "kube-system")}
    with pytest.raises(ManifestRefused, match="kube-system"):
        await desk.run(*STEP, "apply", texts)


async def test_a_command_for_ones_own_terminal_is_not_run(desk: Desk) -> None:
    with pytest.raises(CommandRefused, match="your own terminal"):
        await desk.run(*STEP, "tunnel", {})


async def test_a_refused_line_starts_nothing(desk: Desk, runs: Runs) -> None:
    with pytest.raises(CommandRefused):
        await desk.run_line(*STEP, "kubectl delete nodes --all", {})
    assert await runs.recent(*STEP) == []


async def test_without_a_cluster_nothing_runs_but_what_makes_one(
    desk: Desk, runs: Runs, workplace: FakeWorkplace
) -> None:
    workplace.error = ClusterUnavailable("It is away.")
    with pytest.raises(ClusterUnavailable):
        await desk.run(*STEP, "make", {})
    assert await runs.recent(*STEP) == []
    run = await desk.run_line(*STEP, "minikube status", {})
    assert (await output(runs, run.id))[0].startswith("minikube status")


async def test_what_goes_on_until_it_is_stopped_runs_in_the_background(desk: Desk) -> None:
    fenced = await desk.run(*STEP, "forward", {})
    typed = await desk.run_line(*STEP, "kubectl get pods -n mesh-demo -w", {})
    assert (fenced.is_background, typed.is_background) == (True, True)


async def test_a_pod_is_named_by_its_labels(desk: Desk, runs: Runs, cluster: FakeCluster) -> None:
    with pytest.raises(NotFound, match="no pod with app=backend"):
        await desk.run(*STEP, "in-pod", {})
    cluster.put(pod("backend"))
    run = await desk.run(*STEP, "in-pod", {})
    assert (await output(runs, run.id))[0].endswith("backend-1-a")


async def test_the_checks_of_a_step_run_once_at_a_time(
    runs: Runs, progress: Progress, bus: Bus, workplace: FakeWorkplace
) -> None:
    never = FakeWorkplace(NeverCluster(), workplace.bare().kubeconfig.parent)
    async with Desk(COURSE, never, runs, progress, bus) as desk:
        await desk.check(*STEP)
        with pytest.raises(Busy):
            await desk.check(*STEP)
        assert desk.is_checking(*STEP)
        assert not desk.is_checking(LEARNER, "demo", "two")
    assert not desk.is_checking(*STEP)


async def test_a_check_that_was_asked_for_is_told(
    desk: Desk, bus: Bus, cluster: FakeCluster
) -> None:
    cluster.put(namespace("mesh-demo"))
    with bus.subscribe(f"learner:{LEARNER}") as subscription:
        await desk.check(*STEP)
        async with asyncio.timeout(5):
            await until(subscription, CheckStarted)


async def test_only_a_choice_of_the_question_is_an_answer(desk: Desk, progress: Progress) -> None:
    with pytest.raises(NotFound, match="no choice perhaps"):
        await desk.answer(*STEP, "ready", "perhaps")
    with pytest.raises(NotFound, match="no question other"):
        await desk.answer(*STEP, "other", "yes")
    await desk.answer(*STEP, "ready", "no")
    await desk.answer(*STEP, "ready", "yes")
    assert await progress.answers(*STEP) == {"ready": "yes"}


async def test_a_draft_is_kept_for_a_file_of_the_step_and_not_without_bounds(
    desk: Desk, progress: Progress
) -> None:
    with pytest.raises(NotFound, match=r"no file other\.yaml"):
        await desk.save_draft(*STEP, "other.yaml", "text")
    with pytest.raises(ManifestRefused, match="64 KiB"):
        await desk.save_draft(*STEP, "service.yaml", "x" * (DRAFT_BYTES + 1))
    await desk.save_draft(*STEP, "service.yaml", "mine")
    assert await progress.drafts(*STEP) == {"service.yaml": "mine"}


async def test_three_hints_open_one_by_one(desk: Desk) -> None:
    assert [await desk.open_hint(*STEP) for _ in range(4)] == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("lesson", "step", "command"),
    [("no", "create", "make"), ("demo", "no", "make"), ("demo", "create", "no")],
)
async def test_what_is_not_in_the_course_is_not_found(
    desk: Desk, lesson: str, step: str, command: str
) -> None:
    with pytest.raises(NotFound):
        await desk.run(LEARNER, lesson, step, command, {})


class FullProgress(Progress):
    """Progress on a full disk: it reads, and takes no attempt."""

    async def record(self, *_: object, **__: object) -> NoReturn:
        raise StoreUnavailable("The lab's database does not take this: disk is full.")


async def test_a_check_whose_attempt_cannot_be_recorded_says_so_and_can_be_tried_again(
    workplace: FakeWorkplace, runs: Runs, store: Store, progress: Progress, bus: Bus
) -> None:
    async with Desk(COURSE, workplace, runs, FullProgress(store), bus) as desk:
        with bus.subscribe(f"learner:{LEARNER}") as subscription:
            for _ in range(2):
                await desk.check(LEARNER, "demo", "create")
                broke = (await until(subscription, CheckBroke))[-1]
                assert isinstance(broke, CheckBroke)
                assert "disk is full" in str(broke.error)
                while desk.is_checking(LEARNER, "demo", "create"):  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(0)
