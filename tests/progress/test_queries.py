"""A learner's progress survives, counts what it should, and belongs to one learner."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.progress.model import SavedResult
from app.progress.queries import Progress
from app.store.engine import Store

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def result(passed: bool | None, check: str = "sidecars") -> SavedResult:
    return SavedResult(check, "2/2", passed, "ok", "Seen.", "", (("kubectl", "1/2"),), 0.2)


@pytest.fixture
async def progress(tmp_path: Path) -> AsyncIterator[Progress]:
    async with Store(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}") as store:
        progress = Progress(store, Clock())
        await progress.welcome("ann", "Ann")
        await progress.welcome("bob", "Bob")
        yield progress


async def test_the_course_opens_where_the_learner_stopped(progress: Progress) -> None:
    await progress.open("ann", "canary", "split")
    await progress.open("ann", "mtls", "strict")
    await progress.open("ann", "canary", "split")
    assert (await progress.journey("ann")).last == ("canary", "split")


async def test_what_one_learner_did_is_not_the_others(progress: Progress) -> None:
    await progress.record("ann", "canary", "split", [result(True)], by_itself=False)
    assert (await progress.journey("bob")).steps == {}


@pytest.mark.parametrize(
    ("verdicts", "by_itself", "attempts", "passed"),
    [
        ([True, True], False, 1, True),
        ([True, False], False, 1, False),
        ([False, None], False, 1, False),
        ([True, None], False, 0, None),
        ([True], True, 0, True),
    ],
)
async def test_only_verdicts_that_were_asked_for_count(
    progress: Progress, verdicts: list[bool | None], by_itself: bool, attempts: int, passed: object
) -> None:
    results = [result(verdict, str(n)) for n, verdict in enumerate(verdicts)]
    attempt, newly = await progress.record("ann", "a", "b", results, by_itself=by_itself)
    state = (await progress.journey("ann")).steps["a", "b"]
    assert (attempt.passed, state.attempts, newly) == (passed, attempts, passed is True)


async def test_a_step_is_passed_once_and_stays_passed(progress: Progress) -> None:
    _, first = await progress.record("ann", "a", "b", [result(True)], by_itself=False)
    when = (await progress.journey("ann")).steps["a", "b"].passed
    await progress.record("ann", "a", "b", [result(False)], by_itself=False)
    _, again = await progress.record("ann", "a", "b", [result(True)], by_itself=False)
    assert (first, again) == (True, False)
    assert (await progress.journey("ann")).steps["a", "b"].passed == when


async def test_attempts_come_back_whole_and_newest_first(progress: Progress) -> None:
    await progress.record("ann", "a", "b", [result(False)], by_itself=False)
    await progress.record("ann", "a", "b", [result(True)], by_itself=False)
    newest, oldest = await progress.attempts("ann", "a", "b")
    assert (newest.results, oldest.results) == ((result(True),), (result(False),))


async def test_hints_open_one_by_one_and_end_at_three(progress: Progress) -> None:
    assert [await progress.open_hint("ann", "a", "b") for _ in range(4)] == [1, 2, 3, 3]


async def test_a_new_answer_takes_the_place_of_the_old_one(progress: Progress) -> None:
    await progress.answer("ann", "a", "b", "why", "1")
    await progress.answer("ann", "a", "b", "why", "2")
    assert await progress.answers("ann", "a", "b") == {"why": "2"}


async def test_drafts_and_choices_are_kept(progress: Progress) -> None:
    await progress.save_draft("ann", "a", "b", "x.yaml", "kind: Pod")
    await progress.choose("ann", "context", "minikube")
    assert await progress.drafts("ann", "a", "b") == {"x.yaml": "kind: Pod"}
    assert await progress.choice("ann", "context") == "minikube"
    assert await progress.choice("bob", "context") == ""


async def test_time_adds_up(progress: Progress) -> None:
    await progress.spend("ann", "a", "b", 20)
    await progress.spend("ann", "a", "b", 22)
    assert (await progress.journey("ann")).steps["a", "b"].seconds == 42
