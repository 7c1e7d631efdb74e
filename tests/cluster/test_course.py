"""The whole course on a real cluster: red before, green after, each mistake told apart."""

import pytest
from duality import STEPS, broken, name
from walk import Walker

from app.content.model import Lesson, Step

# What this kind of cluster cannot give: {(lesson, step): {check: reason}}.
NOT_TO_BE_HAD = {("observability", "addons"): {"addons": "image"}}


@pytest.mark.cluster
@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=name)
async def test_a_step_is_red_before_and_green_after_and_names_each_mistake(
    walker: Walker, lesson: Lesson, step: Step
) -> None:
    missing = NOT_TO_BE_HAD.get((lesson.id, step.id), {})
    problems = await broken(walker, lesson, step, missing)
    assert not problems, "\n".join(problems)


@pytest.mark.cluster
async def test_clean_up_leaves_the_cluster_as_it_was(walker: Walker) -> None:
    await walker.until_as_it_was()
