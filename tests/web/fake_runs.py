"""Runs in memory, whose lines a test adds."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from app.bus import Bus
from app.commands.model import Line, Run, Stream
from app.errors import NotFound
from app.practice.events import RunChanged

LEARNER = "owner"


class FakeRuns:
    """Runs whose lines a test adds."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._runs: dict[str, Run] = {}
        self._lines: dict[str, list[Line]] = {}
        self._changed = asyncio.Condition()

    def begin(self, lesson: str, step: str, line: str, command: str = "", **more: object) -> Run:
        """Add a run that goes on."""
        run = Run(
            id=f"r{len(self._runs) + 1}",
            learner=str(more.get("learner", LEARNER)),
            lesson=lesson,
            step=step,
            line=line,
            command=command,
            is_background=bool(more.get("is_background")),
            state="running",
            started=datetime.now(UTC),
            ended=None,
            code=None,
            lines=0,
        )
        self._runs[run.id] = run
        self._lines[run.id] = []
        self._bus.publish(f"learner:{LEARNER}", RunChanged(run))
        return run

    async def say(self, run: str, *texts: str, stream: Stream = "out") -> None:
        """Add lines to a run."""
        lines = self._lines[run]
        lines += [Line(len(lines) + 1 + i, stream, 0.1, text) for i, text in enumerate(texts)]
        self._runs[run] = replace(self._runs[run], lines=len(lines))
        async with self._changed:
            self._changed.notify_all()

    async def end(self, run: str, code: int | None = 0, state: str = "finished") -> None:
        """End a run."""
        ended = replace(self._runs[run], state=state, code=code, ended=datetime.now(UTC))
        self._runs[run] = ended
        async with self._changed:
            self._changed.notify_all()
        self._bus.publish(f"learner:{LEARNER}", RunChanged(ended))

    async def get(self, learner: str, run: str) -> Run:
        if run not in self._runs or self._runs[run].learner != learner:
            raise NotFound("There is no such run.")
        return self._runs[run]

    async def recent(self, learner: str, lesson: str, step: str) -> list[Run]:
        return [r for r in self._runs.values() if (r.lesson, r.step) == (lesson, step)]

    async def newest(self, learner: str) -> list[Run]:
        return [run for run in reversed(self._runs.values()) if run.learner == learner]

    async def history(self, learner: str) -> list[str]:
        return list(dict.fromkeys(run.line for run in self._runs.values() if not run.command))

    async def active(self, learner: str) -> list[Run]:
        return [r for r in self._runs.values() if not r.is_over]

    def lines(self, run: str, after: int = 0, limit: int = 1000) -> list[Line]:
        return self._lines[run][after:][:limit]

    async def follow(self, run: str, after: int = 0) -> AsyncIterator[list[Line]]:
        while True:
            if lines := self._lines[run][after:]:
                after = lines[-1].number
                yield lines
            async with self._changed:
                if self._runs[run].is_over and after == len(self._lines[run]):
                    return
                await self._changed.wait_for(
                    lambda seen=after: len(self._lines[run]) > seen or self._runs[run].is_over
                )
