"""A step's page that stays open, as a learner's does: the site looks at the cluster once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from walk import Walker

from app.content.model import Lesson, Step


@asynccontextmanager
async def opened(walker: Walker, lesson: Lesson, step: Step) -> AsyncIterator[None]:
    """Have a step's page open, and its stream read."""
    async with walker.visitor.stream(lesson.id, step.id) as page:

        async def read() -> None:
            async for _ in page.events:
                pass

        reading = asyncio.create_task(read())
        try:
            yield
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
