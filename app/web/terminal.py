"""A learner's terminal as the instructor watches it: live, read only, and only with consent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from sse_starlette import ServerSentEvent

from app.commands.model import Run
from app.errors import AppError, NotAllowed
from app.practice.events import RunChanged
from app.web.render import Pages
from app.web.services import Services
from app.web.stepview import RunView
from app.workshop.log import topic
from app.workshop.model import Event, Member

WAITING: int = 100  # events; a board that reads slower holds the followers back


class TerminalStream:
    """The runs of one learner as they begin, speak and end, while there is consent."""

    def __init__(self, house: Services, pages: Pages, member: Member) -> None:
        self._house = house
        self._pages = pages
        self._member = member
        self._queue: asyncio.Queue[ServerSentEvent] = asyncio.Queue(WAITING)
        self._followed: dict[str, asyncio.Task[None]] = {}

    @staticmethod
    def require_consent(member: Member) -> None:
        """Let pass where the learner has consented. Raises: NotAllowed."""
        if not member.consents_terminal:
            raise NotAllowed(
                f"{member.name} has not consented to live watching.",
                hint="The learner's page of the room has a button for it.",
            )

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Yield what runs now and what follows, until consent is taken back."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                coming = asyncio.create_task(self._queue.get())
                done, _ = await asyncio.wait(
                    (coming, listening), return_when=asyncio.FIRST_COMPLETED
                )
                if coming not in done:
                    coming.cancel()
                    return
                yield coming.result()
        finally:
            tasks = [listening, *self._followed.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        """Follow every run that begins; return when the consent is gone."""
        with self._house.bus.subscribe(
            f"learner:{self._member.id}", topic(self._member.room)
        ) as news:
            for run in await self._house.runs.active(self._member.id):
                await self._begin(run)
            while True:
                event = await news.next()
                if isinstance(event, RunChanged):
                    await self._begin(event.run)
                elif isinstance(event, Event) and event.kind == "member.consented":
                    now = await self._house.workshop.roster.member(self._member.id)
                    if not now.consents_terminal:
                        return

    async def _begin(self, run: Run) -> None:
        if run.id in self._followed:
            await self._put("run", self._block("head", RunView(run), oob=True))
            return
        html = self._block("run", RunView(run), oob=False)
        await self._put("run", f'<div hx-swap-oob="afterbegin:#slot-watched">{html}</div>')
        self._followed[run.id] = asyncio.create_task(self._follow(run.id))

    async def _follow(self, run: str) -> None:
        with suppress(AppError):
            async for batch in self._house.runs.follow(run):
                context = {"lines": batch, "left_out": 0}
                html = self._pages.block("_run.html", "lines", context)
                await self._put("lines", f'<div hx-swap-oob="beforeend:#lines-{run}">{html}</div>')
            ended = await self._house.runs.get(self._member.id, run)
            await self._put("run", self._block("head", RunView(ended), oob=True))

    def _block(self, name: str, view: RunView, *, oob: bool) -> str:
        return self._pages.block("_run.html", name, {"view": view, "oob": oob, "led": True})

    async def _put(self, name: str, html: str) -> None:
        await self._queue.put(ServerSentEvent(data=html, event=name))
