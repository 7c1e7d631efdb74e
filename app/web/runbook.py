"""The runs as the pages read them: lines one by one, and all of them."""

import asyncio
from collections.abc import AsyncIterator

from app.commands.model import Line, Run
from app.commands.runs import Runs


class Runbook:
    """Keeps the Protocol `RunBook` over the site's runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def get(self, learner: str, run: str) -> Run:
        """Return a run. Raises: NotFound where it is not the learner's."""
        return await self._runs.get(learner, run)

    async def recent(self, learner: str, lesson: str, step: str) -> list[Run]:
        """Return the step's runs, oldest first."""
        return await self._runs.recent(learner, lesson, step)

    async def active(self, learner: str) -> list[Run]:
        """Return the runs that go on, oldest first."""
        return await self._runs.active(learner)

    async def lines(self, run: str, after: int = 0) -> list[Line]:
        """Return the lines so far whose number is above `after`."""
        found: list[Line] = []
        while batch := await asyncio.to_thread(self._runs.lines, run, after):
            found += batch
            after = batch[-1].number
        return found

    async def follow(self, run: str, after: int = 0) -> AsyncIterator[Line]:
        """Yield the lines above `after`, those to come included; ends with the run."""
        async for batch in self._runs.follow(run, after):
            for line in batch:
                yield line
