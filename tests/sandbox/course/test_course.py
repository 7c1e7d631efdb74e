"""The whole course on the sandbox, through the site: as on a real cluster."""

import pytest
from duality import COURSE, STEPS, broken
from walk import Walker

from app.content.model import Lesson, Step

# The first lessons of the parts: each has a sandbox of its own, so that they may run side by side.
PARTS = ("why-a-mesh", "canary", "timeouts-retries", "mtls", "ingress-gateway")
LESSONS = [lesson.id for lesson in COURSE.lessons]
pytestmark = pytest.mark.sandbox


def part_of(lesson: str) -> str:
    """Return the first lesson of the part that a lesson belongs to."""
    return [each for each in PARTS if LESSONS.index(each) <= LESSONS.index(lesson)][-1]


def together(part: str) -> pytest.MarkDecorator:
    """The steps of a part are walked in order, in one process."""
    return pytest.mark.xdist_group(f"course from {part}")


@pytest.mark.parametrize(
    ("walker", "lesson", "step"),
    [
        pytest.param(part, lesson, step, marks=together(part), id=f"{lesson.id}-{step.id}")
        for lesson, step in STEPS
        for part in (part_of(lesson.id),)
    ],
    indirect=["walker"],
)
async def test_a_step_is_red_before_and_green_after_and_names_each_mistake(
    walker: Walker, lesson: Lesson, step: Step
) -> None:
    problems = await broken(walker, lesson, step, {})
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "walker", [pytest.param(PARTS[-1], marks=together(PARTS[-1]))], indirect=True
)
async def test_the_last_lesson_leaves_nothing_behind(walker: Walker) -> None:
    await walker.until_as_it_was()
