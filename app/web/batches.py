"""Lines that come fast, taken together: the first at once, the rest a few milliseconds later."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

from app.commands.model import Line

WINDOW_S: Final = (
    0.015  # under a frame of a 60 Hz screen: nobody sees it, a flood becomes 66 events
)
MOST_LINES: Final = 2000  # of one batch; what a page can show, the rest is in the full output


async def batches(
    lines: AsyncIterator[Line], window_s: float = WINDOW_S
) -> AsyncIterator[Sequence[Line]]:
    """Yield the lines in groups, none left out, until they end."""
    waiting: list[Line] = []
    something = asyncio.Event()

    async def read() -> None:
        try:
            async for line in lines:
                waiting.append(line)
                something.set()
        finally:
            something.set()

    reader = asyncio.create_task(read())
    try:
        while not reader.done() or waiting:
            await something.wait()
            something.clear()
            if waiting:
                batch, waiting[:] = tuple(waiting), ()
                yield batch
                await asyncio.sleep(0 if reader.done() else window_s)
        await reader
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reader
