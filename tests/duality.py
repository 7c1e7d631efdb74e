"""What holds of every step: red before, green after, and each documented mistake told apart."""

from collections.abc import Mapping

from walk import Walker

from app.content.loader import load_course
from app.content.model import Lesson, Step
from app.settings import Settings

COURSE = load_course(Settings().lessons_dir)
STEPS = [(lesson, step) for lesson in COURSE.lessons for step in lesson.steps]


def name(value: object) -> str:
    """Return how a lesson or a step is called in a test's name."""
    return str(getattr(value, "id", value))


async def broken(
    walker: Walker, lesson: Lesson, step: Step, missing: Mapping[str, str]
) -> list[str]:
    """Walk one step, and return in what it breaks the rule.

    `missing` is what this cluster cannot give. Shape: {check: the reason that it fails with}.
    """
    before = await walker.see(lesson, step, "before")
    problems = []
    if not any(check.mood == "failed" for check in before.values()):
        problems.append(f"green before: {before}")
    for wrong in step.wrong:
        seen = (await walker.mistake(lesson, step, wrong))[wrong.check]
        if (seen.mood, seen.reason) != ("failed", wrong.reason) or wrong.says not in seen.message:
            problems.append(f"{wrong.id}: expected {wrong.reason} {wrong.says!r}, got {seen}")
    after = await walker.solve(lesson, step)
    red = [check for check in after.values() if check.mood != "passed"]
    problems += [f"not green: {check}" for check in red if check.reason != missing.get(check.id)]
    return problems
