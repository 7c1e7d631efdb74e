"""All that happens on a step's page, as one stream of server-sent events in order.

A browser opens at most six connections to a host, so a page has one stream and its events have
names. The id of each event says how far every run has been read, so that a page which comes back
gets exactly the lines that it lacks.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import anyio
import structlog
from sse_starlette import ServerSentEvent

from app.bus import Subscription
from app.commands.model import Run
from app.errors import AppError
from app.practice.events import (
    CheckBroke,
    CheckDone,
    CheckEnded,
    CheckSaid,
    CheckStarted,
    RunChanged,
)
from app.web.cursors import Cursors
from app.web.fragments import Fragments
from app.web.panel import Snapshot
from app.web.place import Place, neighbours
from app.web.services import Services
from app.web.stepview import RunView, shown_runs, view_step

log: Final = structlog.get_logger()
BROKEN: Final = AppError("This page's live view broke.", hint="Reload the page to go on.")
OfStep = CheckStarted | CheckSaid | CheckDone | CheckEnded | CheckBroke
WAITING_EVENTS: Final = 200  # of one page; a browser that reads slower holds the sources back
PANEL_RETRY_S: Final = 3.0  # between looks at a cluster that does not answer


@dataclass(frozen=True)
class Event:
    """A fragment under way. `cursor` moves with it: the run and the number of its last line."""

    name: str
    html: str
    cursor: tuple[str, int] | None = None


class StepStream:
    """The stream of one open page of one step."""

    def __init__(
        self,
        services: Services,
        fragments: Fragments,
        learner: str,
        place: Place,
        cursors: Cursors,
    ) -> None:
        self._services = services
        self._fragments = fragments
        self._learner = learner
        self._place = place
        self._cursors = cursors
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(WAITING_EVENTS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: set[str] = set()
        self._since: datetime | None = None  # when the checks under way began
        self._done = 0  # of those checks

    async def events(self, leaving: anyio.Event | None = None) -> AsyncIterator[ServerSentEvent]:
        """Yield what the page lacks, then what happens, until the page or the site goes away."""
        with self._services.bus.subscribe(f"learner:{self._learner}") as subscription:
            try:
                if leaving:
                    self._spawn(self._finish(leaving))
                self._spawn(self._tell(subscription))
                self._spawn(self._panel())
                self._spawn(self._let_it_come_true())
                self._spawn(self._room())
                while event := await self._queue.get():
                    yield self._sent(event)
            finally:
                await self._end()

    def _sent(self, event: Event) -> ServerSentEvent:
        if event.cursor:
            self._cursors = self._cursors.moved(*event.cursor)
        return ServerSentEvent(data=event.html, event=event.name, id=str(self._cursors))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._has_ended)

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        """A part of the stream that breaks says so on the page; the other parts go on."""
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("a part of a page's stream broke", exc_info=error)
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(Event("checks", self._fragments.trouble(BROKEN)))

    async def _end(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        with anyio.CancelScope(shield=True):  # a browser that left has cancelled this, too
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _finish(self, leaving: anyio.Event) -> None:
        await leaving.wait()
        await self._queue.put(None)

    async def _put(self, name: str, html: str, cursor: tuple[str, int] | None = None) -> None:
        await self._queue.put(Event(name, html, cursor))

    async def _tell(self, subscription: Subscription) -> None:
        subscription.lost = 1  # what happened before the page was opened
        while True:
            try:
                if subscription.lost:
                    subscription.lost = 0
                    await self._catch_up()
                await self._told(await subscription.next())
            except AppError as error:  # such as a locked database: the stream goes on
                await self._put("checks", self._fragments.trouble(error))

    async def _catch_up(self) -> None:
        """Bring the page to the present: it may have been made a while ago, or events were lost."""
        await self._tell_tasks()
        for view in await shown_runs(self._services, self._learner, self._place):
            await self._tell_run(view.run)
        await self._tell_checks(None)

    async def _told(self, event: object) -> None:
        match event:
            case RunChanged(run):
                await self._tell_tasks()
                if (run.lesson, run.step) == (self._place.lesson.id, self._place.step.id):
                    await self._tell_run(run)
            case CheckStarted() if self._is_here(event):
                self._since, self._done = datetime.now(UTC), 0
                await self._put("checks", self._fragments.started(self._since))
            case CheckSaid() if self._is_here(event):
                await self._put("checks", self._fragments.said(event, self._since))
            case CheckDone() if self._is_here(event):
                await self._tell_done(event)
            case CheckBroke() if self._is_here(event):
                self._since = None
                await self._put("checks", self._fragments.trouble(event.error))
                await self._tell_checks(None)
            case CheckEnded() if self._is_here(event):
                self._since = None
                await self._tell_checks(event)

    def _is_here(self, event: OfStep) -> bool:
        return (event.lesson, event.step) == (self._place.lesson.id, self._place.step.id)

    async def _tell_done(self, event: CheckDone) -> None:
        html = self._fragments.done(event)
        if self._since:
            self._done += 1
            html += self._fragments.under_way(self._done)
        await self._put("checks", html)

    async def _tell_tasks(self) -> None:
        await self._put(
            "tasks", self._fragments.tasks(await self._services.runs.active(self._learner))
        )

    async def _tell_checks(self, ended: CheckEnded | None) -> None:
        view = await view_step(self._services, self._learner, self._place)
        _before, after = neighbours(self._services.course, self._place)
        if any(line.mood != "open" for line in view.checks):
            bar = "" if self._since else self._fragments.under_way(None)
            await self._put("checks", self._fragments.checks(view.checks) + bar)
        await self._put("step", self._fragments.verdict(view, after, ended))

    async def _tell_run(self, run: Run) -> None:
        """Show a run: all of it where the page lacks it, else its state; and follow its lines."""
        if run.id in self._cursors or run.id in self._followed:
            await self._put("run", self._fragments.run_head(run))
        else:
            await self._put("run", self._fragments.run(RunView(run)), (run.id, 0))
        if run.id not in self._followed:
            self._followed.add(run.id)
            self._spawn(self._follow(run.id))

    async def _follow(self, run: str) -> None:
        async for batch in self._services.runs.follow(run, self._cursors.at(run)):
            await self._put("lines", self._fragments.lines(run, batch), (run, batch[-1].number))
        ended = await self._services.runs.get(self._learner, run)
        await self._put("run", self._fragments.run_head(ended))
        await self._tell_tasks()

    async def _let_it_come_true(self) -> None:
        place = self._place
        await self._services.desk.watch(self._learner, place.lesson.id, place.step.id)

    async def _room(self) -> None:
        if self._services.attendance is None:
            return
        async for html in self._fragments.room(self._services.attendance):
            await self._put("room", html)

    async def _panel(self) -> None:
        namespaces = self._place.lesson.namespaces
        while True:
            try:
                async for snapshot in self._services.live.watch(namespaces):
                    await self._put("panel", self._fragments.panel(snapshot))
            except AppError as error:
                await self._put("panel", self._fragments.panel(Snapshot(trouble=str(error))))
            await asyncio.sleep(PANEL_RETRY_S)
