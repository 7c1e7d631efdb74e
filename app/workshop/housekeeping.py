"""What a room needs by the clock: its end when the time has come, and the deletion of names."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Self

from app.errors import AppError
from app.workshop.acts import Acts
from app.workshop.erasure import Erasure
from app.workshop.model import SITE
from app.workshop.rooms import Rooms

LOOK_S: Final = 15.0  # a room ends by its own time; only its sandboxes wait for this look
ERASE: Final = timedelta(days=1)


class Housekeeping:
    """Open it with `async with`: it looks at once, then for as long as the block lasts."""

    def __init__(
        self, rooms: Rooms, acts: Acts, erasure: Erasure, clock: Callable[[], datetime]
    ) -> None:
        self._rooms = rooms
        self._acts = acts
        self._erasure = erasure
        self._clock = clock
        self._erased: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._look_always())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Close rooms whose end has come; once a day, erase what is due. Raises: StoreUnavailable.

        A room is not closed by the act of closing but by its time: nobody gains by a late look.
        """
        now = self._clock()
        for room in await self._rooms.all():
            if room.closed is None and room.is_over(now):
                await self._acts.close(room.id, actor=SITE)
        if self._erased is None or now - self._erased >= ERASE:
            await self._erasure.erase_due()
            self._erased = now

    async def _look_always(self) -> None:
        while True:
            with suppress(AppError):  # such as a database that is locked: the next look comes
                await self.look()
            await asyncio.sleep(LOOK_S)
