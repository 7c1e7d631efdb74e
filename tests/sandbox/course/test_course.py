"""The whole course on the sandbox, through the site: as on a real cluster."""

import pytest
from duality import STEPS, broken, name
from sandbox.course.parts import PARTS
from walk import Walker

from app.content.model import Lesson, Step

pytestmark = pytest.mark.sandbox

# A part's steps are walked in their order, in one process.
TOGETHER = [pytest.param(part, marks=pytest.mark.xdist_group(part)) for part in PARTS]


@pytest.mark.parametrize("walker", TOGETHER, indirect=True)
@pytest.mark.parametrize(("lesson", "step"), STEPS, ids=name)
async def test_a_step_is_red_before_and_green_after_and_names_each_mistake(
    walker: Walker, lesson: Lesson, step: Step
) -> None:
    problems = await broken(walker, lesson, step, {})
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("walker", TOGETHER, indirect=True)
async def test_the_last_lesson_leaves_nothing_behind(walker: Walker) -> None:
    await walker.until_as_it_was()
