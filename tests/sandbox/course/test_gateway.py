"""From the ingress gateway to the end: walked on a sandbox of its own."""

from sandbox.course.steps import (  # noqa: F401 - collected here, for these lessons
    test_a_step_is_red_before_and_green_after_and_names_each_mistake,
)
from walk import Walker

FIRST, LAST = "ingress-gateway", "next"


async def test_the_last_lesson_leaves_nothing_behind(walker: Walker) -> None:
    await walker.until_as_it_was()
