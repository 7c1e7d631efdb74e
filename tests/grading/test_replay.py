"""A submission done again: its own texts and lines, in order, and what went wrong as evidence."""

from pathlib import Path

import pytest
from grading.places import FakeOpener
from grading.sample import CANARY, COURSE

from app.errors import Unavailable
from app.grading.replay import Replay, solve
from app.grading.report import Item
from app.grading.rubric import Rubric, default_rubric
from app.grading.submission import Submission

ROUTES = COURSE.lessons[1]
RUBRIC = default_rubric(COURSE)


async def replayed(
    submission: Submission, opener: FakeOpener, rubric: Rubric = RUBRIC
) -> list[Item]:
    items: list[Item] = []
    async with opener(Path("unused"), COURSE) as place:
        await Replay(place, COURSE, rubric, submission, items).run(COURSE.lessons)
        opener.answers = place.progress.answers  # type: ignore[attr-defined]
    return items


async def test_fenced_commands_run_on_the_learners_own_texts() -> None:
    opener = FakeOpener()
    answers = {("routes", "wins"): {"wins": "2"}}
    await replayed(Submission("d", {"canary.yaml": "mine"}, answers=answers), opener)
    assert opener.desks[0].asked == ["routes/split: apply"]
    assert opener.desks[0].texts == {"canary.yaml": "mine"}
    assert opener.answers == [("owner", "routes", "wins", "wins", "2")]  # type: ignore[attr-defined]


async def test_a_step_none_of_whose_files_is_there_is_not_done() -> None:
    opener = FakeOpener()
    await replayed(Submission("d", {"other.yaml": "mine"}), opener)
    assert opener.desks[0].asked == []


async def test_what_is_missing_is_as_the_page_begins_and_never_the_solution() -> None:
    opener = FakeOpener()
    lines = ("kubectl apply -f canary.yaml",)
    await replayed(Submission("d", commands={("routes", "split"): lines}), opener)
    assert opener.desks[0].texts == {"canary.yaml": CANARY.replace("90", "___")}


async def test_typed_lines_stand_in_for_the_fenced_ones() -> None:
    opener = FakeOpener()
    lines = ("kubectl get pods", "kubectl delete all")
    await replayed(Submission("d", commands={("routes", "split"): lines}), opener)
    assert opener.desks[0].asked == [f"routes/split: {line}" for line in lines]
    opener = FakeOpener()
    await replayed(Submission("d", commands={("routes", "split"): ()}), opener)
    assert opener.desks[0].asked == []


async def test_what_only_shows_something_on_ones_own_machine_is_left_out() -> None:
    opener = FakeOpener()
    lines = (
        "kubectl port-forward -n mesh-demo service/backend 8080:80",
        "curl http://127.0.0.1:8080/",
        "kubectl get pods -n mesh-demo --watch",
        "kubectl logs -n mesh-demo deploy/backend -f",
        "kubectl get pods -n mesh-demo",
    )
    await replayed(Submission("d", commands={("routes", "split"): lines}), opener)
    assert opener.desks[0].asked == [f"routes/split: {lines[-1]}"]


async def test_a_failed_check_tells_which_command_went_wrong() -> None:
    opener = FakeOpener(lambda _: {("routes", "split"): [True, "wrong-weights"]})
    items = await replayed(Submission("d", {"canary.yaml": "mine"}), opener)
    found = {item.check: item.evidence for item in items}
    assert found["weights"] == (
        ("$ kubectl apply -f canary.yaml", "`apply` is not run here. Nothing is."),
    )
    assert found["one"] == ()


async def test_nothing_is_done_after_the_last_step_that_counts() -> None:
    steps = tuple(step for step in RUBRIC.steps if step.lesson == "first")
    opener = FakeOpener()
    items = await replayed(Submission("d"), opener, Rubric("T", steps))
    assert [item.lesson for item in items] == ["first"]
    assert opener.desks[0].asked == []


async def test_a_solution_of_the_course_that_fails_is_the_machines_fault() -> None:
    opener = FakeOpener()
    async with opener(Path("unused"), COURSE) as place:
        with pytest.raises(Unavailable, match="routes / split does not work here"):
            await solve(place, ROUTES)
