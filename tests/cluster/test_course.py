"""The whole course on a real cluster: red before, green after, each mistake told apart."""

import pytest
from walk import Walker

from app.content.loader import load_course
from app.content.model import Lesson, Step
from app.settings import Settings

COURSE = load_course(Settings().lessons_dir)
STEPS = [(lesson, step) for lesson in COURSE.lessons for step in lesson.steps]
# What this kind of cluster cannot give: {(lesson, step): {check: reason}}.
NOT_TO_BE_HAD = {("observability", "addons"): {"addons": "image"}}


def name(value: object) -> str:
    return str(getattr(value, "id", value))


@pytest.mark.cluster
@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=name)
async def test_a_step_is_red_before_and_green_after_and_names_each_mistake(
    walker: Walker, lesson: Lesson, step: Step
) -> None:
    before = await walker.see(lesson, step, "before")
    assert any(check.mood == "failed" for check in before.values()), f"green before: {before}"
    problems = []
    for wrong in step.wrong:
        seen = (await walker.mistake(lesson, step, wrong))[wrong.check]
        wanted = ("failed", wrong.reason, True)
        if (seen.mood, seen.reason, wrong.says in seen.message) != wanted:
            problems.append(f"{wrong.id}: expected {wrong.reason} {wrong.says!r}, got {seen}")
    after = await walker.solve(lesson, step)
    missing = NOT_TO_BE_HAD.get((lesson.id, step.id), {})
    red = {check.id: check for check in after.values() if check.mood != "passed"}
    problems += [f"not green: {red[id]}" for id in red if red[id].reason != missing.get(id)]
    assert not problems, "\n".join(problems)


@pytest.mark.cluster
async def test_clean_up_leaves_the_cluster_as_it_was(walker: Walker) -> None:
    await walker.until_as_it_was()
