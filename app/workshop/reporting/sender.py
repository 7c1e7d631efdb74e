"""Sends the outbox to the room, in order, for as long as it takes: nothing is lost or doubled.

A batch counts as sent when the room has said so; where the answer is lost it goes again, and the
room knows it by its numbers.
"""

import asyncio
import random
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self

from app.bus import Bus
from app.errors import AppError, NotAllowed, Unavailable
from app.workshop.reporting.entry import MOST_ENTRIES, write_batch
from app.workshop.reporting.outbox import TOPIC, Outbox
from app.workshop.reporting.pinned import Answer

PATH: Final = "/api/room/report"
FIRST_S: Final = 1.0  # before the second try; doubled each time
LONGEST_S: Final = 60.0
AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})  # "not now", by the server


class Posts(Protocol):
    """How a batch gets to the room (`pinned.PinnedClient`)."""

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        """Return the room's answer. Raises: Unavailable, NotAllowed."""
        ...


@dataclass(frozen=True)
class Sending:
    """How it is going. `ended`: the room takes no more from here, and `why` says the reason."""

    word: Literal["sent", "waiting", "ended"]
    why: str = ""


class Sender:
    """Open it with `async with`: it sends for as long as the block lasts."""

    def __init__(
        self,
        outbox: Outbox,
        bus: Bus,
        posts: Posts,
        token: str,
        *,
        first_s: float = FIRST_S,
        batch: int = MOST_ENTRIES,
    ) -> None:
        self._outbox = outbox
        self._bus = bus
        self._posts = posts
        self._token = token
        self._first_s = first_s
        self._batch = batch
        self._task: asyncio.Task[None] | None = None
        self.sending = Sending("waiting")

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._send_always())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def send(self) -> bool:
        """Send one batch; return whether there was one.

        Raises: Unavailable (try again later), NotAllowed (the room takes nothing from here).
        """
        entries = await self._outbox.waiting(self._batch)
        if not entries:
            return False
        answer = await self._posts.post(PATH, write_batch(entries), self._token)
        if answer.status in AGAIN:
            raise Unavailable(f"The room answers with status {answer.status}.")
        if answer.status != 200:
            raise NotAllowed(f"The room refuses this report (status {answer.status}).")
        await self._outbox.taken([entry.seq for entry in entries])
        return True

    async def _send_always(self) -> None:
        wait_s = self._first_s
        with self._bus.subscribe(TOPIC) as news:
            while True:
                try:
                    while await self.send():
                        wait_s = self._first_s
                    self.sending = Sending("sent")
                except NotAllowed as error:
                    self.sending = Sending("ended", f"{error} {error.hint}".strip())
                    return
                except AppError as error:
                    self.sending = Sending("waiting", f"{error} {error.hint}".strip())
                    # Thirty labs lost the same network: they do not all come back at once.
                    await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
                    wait_s = min(LONGEST_S, 2 * wait_s)
                    continue
                await news.next()
