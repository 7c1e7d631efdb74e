"""All objects of a lab, wired once: for the site and for every command that needs a cluster."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.bus import Bus
from app.cli.lessons import load_valid_course
from app.commands.recorder import Limits
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.content.model import Course
from app.practice.chosen import ChosenCluster, Wrap
from app.practice.desk import Desk
from app.progress.queries import Progress
from app.settings import Settings
from app.store.engine import Store

OWNER: Final = "owner"  # the one learner of a site on one's own machine


@dataclass(frozen=True)
class Lab:
    """What a site or a command works with."""

    settings: Settings
    course: Course
    bus: Bus
    progress: Progress
    runner: Runner
    runs: Runs
    chosen: ChosenCluster
    desk: Desk


@asynccontextmanager
async def open_lab(
    settings: Settings, context: str = "", *, wrap: Wrap | None = None
) -> AsyncIterator[Lab]:
    """Open everything in order and close it in reverse; `context` overrides the chosen one.

    `wrap` stands between the checks and the cluster: a recorder of what was asked and answered.
    Raises: LessonMistake, StoreUnavailable.
    """
    if context:
        settings = settings.model_copy(update={"context": context})
    course = load_valid_course(settings)
    bus = Bus()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(settings.database()))
        progress = Progress(store)
        await progress.welcome(OWNER, "You")
        runner = await stack.enter_async_context(Runner())
        runs = Runs(store, runner, settings.data_dir / "runs", limits=_limits(settings))
        await stack.enter_async_context(runs)
        chosen = ChosenCluster(settings, progress, runner, OWNER, wrap=wrap)
        await stack.enter_async_context(chosen)
        desk = await stack.enter_async_context(Desk(course, chosen, runs, progress, bus))
        yield Lab(settings, course, bus, progress, runner, runs, chosen, desk)


def _limits(settings: Settings) -> Limits:
    return Limits(
        foreground_s=settings.command_timeout_s,
        background_s=settings.background_timeout_s,
        size_bytes=settings.max_output_bytes,
        lines=settings.max_output_lines,
    )
