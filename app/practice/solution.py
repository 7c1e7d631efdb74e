"""Doing what a step's solution says: answers, then its commands in order, by the learner's acts."""

from collections.abc import Awaitable, Callable

from app.commands.model import Run
from app.commands.runs import Runs
from app.content.model import Lesson, Step
from app.practice.desk import Desk

Show = Callable[[Run], Awaitable[None]]


class Solver:
    """Solves steps through the same desk, policy and runs that a learner uses."""

    def __init__(self, desk: Desk, runs: Runs) -> None:
        self._desk = desk
        self._runs = runs

    async def solve(self, learner: str, lesson: Lesson, step: Step, show: Show) -> None:
        """Do the step; `show` is given each run as it starts. Raises: what `Desk.run` raises."""
        for question in step.questions:
            right = next(choice.id for choice in question.choices if choice.is_right)
            await self._desk.answer(learner, lesson.id, step.id, question.id, right)
        texts = {manifest.name: manifest.solution for manifest in step.manifests}
        for command in step.commands:
            if command.purpose != "do":
                continue
            run = await self._desk.run(learner, lesson.id, step.id, command.id, texts)
            if run.is_background:
                continue
            await show(run)
            async for _ in self._runs.follow(run.id):
                pass
