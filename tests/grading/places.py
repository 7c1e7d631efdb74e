"""Places over no sandbox: what opens them, and what went on in them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grading.sample import FakeBench, FakeDesk, FakeWorkplace, Found

from app.content.model import Course
from app.errors import AppError
from app.grading.desk import Place


@dataclass
class FakeProgress:
    """Keeps answers."""

    answers: list[tuple[str, ...]] = field(default_factory=list)

    async def answer(self, *words: str) -> None:
        self.answers.append(words)


@dataclass
class FakeOpener:
    """Opens places in which checks find what `finds` says of the submission's texts.

    `troubles` are raised by the next places that are opened; `hangs` is a step whose checks never
    end.
    """

    finds: Callable[[Mapping[str, str]], Found] = lambda _: {}
    troubles: list[AppError | None] = field(default_factory=list)
    hangs: str = ""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    opened: list[Path] = field(default_factory=list)
    open_now: int = 0
    most_at_once: int = 0
    desks: list[FakeDesk] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(
        self, folder: Path, course: Course, start: Path | None = None
    ) -> AsyncIterator[Place]:
        self.opened.append(folder)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble:
            raise trouble
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        desk = _Finding(course=course, opener=self, is_prepared=start is not None)
        self.desks.append(desk)
        try:
            yield Place("owner", desk, FakeWorkplace(FakeBench()), FakeProgress(), None)  # type: ignore[arg-type]
        finally:
            self.open_now -= 1


@dataclass
class _Finding(FakeDesk):
    opener: FakeOpener = field(default_factory=FakeOpener)
    is_prepared: bool = False

    async def judge(self, learner: str, lesson: str, step: str) -> object:
        if step == self.opener.hangs:
            self.opener.hanging.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        self.found = self.opener.finds(self.texts)
        return await super().judge(learner, lesson, step)
