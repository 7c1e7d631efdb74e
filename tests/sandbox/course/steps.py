"""What is shown of every step on the sandbox: as on a real cluster."""

from duality import broken
from sandbox.course.page import opened
from walk import Walker

from app.content.model import Lesson, Step


async def test_a_step_is_red_before_and_green_after_and_names_each_mistake(
    walker: Walker, lesson: Lesson, step: Step
) -> None:
    async with opened(walker, lesson, step):
        problems = await broken(walker, lesson, step, {})
    assert not problems, "\n".join(problems)
