"""The wiring of a lab: all objects opened in order, closed in reverse."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.bus import Bus
from app.checks.kind import COURSE, Rigour
from app.cli.lessons import load_valid_course
from app.clusters.sandbox import SandboxProvider
from app.commands.recorder import Limits
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.content.model import Course
from app.practice.chosen import ChosenCluster, Wrap
from app.practice.desk import Desk
from app.practice.lab import OWNER, Lab
from app.progress.queries import Progress
from app.settings import Settings
from app.store.engine import Store
from app.workshop.reporting.reporter import Reporter
from app.workshop.witnesses import Witnesses
from app.workshop.workshop import Workshop, open_workshop


@dataclass(frozen=True)
class House:
    """A lab with the rooms that its site may hold, and what it reports to a room elsewhere."""

    lab: Lab
    workshop: Workshop
    reporter: Reporter


@asynccontextmanager
async def open_lab(
    settings: Settings,
    context: str = "",
    *,
    wrap: Wrap | None = None,
    course: Course | None = None,
    rigour: Rigour = COURSE,
) -> AsyncIterator[Lab]:
    """Open everything in order and close it in reverse; `context` overrides the chosen one.

    `wrap` stands between the checks and the cluster: a recorder of what was asked and answered.
    `course` stands in for that of the settings; `rigour` is how sure a verdict is.
    Raises: LessonMistake, StoreUnavailable.
    """
    opened = open_house(settings, context, wrap=wrap, course=course, rigour=rigour)
    async with opened as house:
        yield house.lab


@asynccontextmanager
async def open_house(
    settings: Settings,
    context: str = "",
    *,
    wrap: Wrap | None = None,
    course: Course | None = None,
    rigour: Rigour = COURSE,
) -> AsyncIterator[House]:
    """Open a lab as `open_lab` does, with the rooms of its database."""
    if context:
        settings = settings.model_copy(update={"context": context})
    course = course or load_valid_course(settings)
    bus = Bus()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(settings.database()))
        runner = await stack.enter_async_context(Runner())
        workshop = open_workshop(
            store,
            bus,
            course,
            settings.data_dir,
            lambda folder: SandboxProvider(folder, runner),
        )
        reporter = Reporter(store, bus, OWNER, workshop.clock)
        progress = Progress(store, witness=Witnesses(workshop.witness, reporter))
        await progress.welcome(OWNER, "You")
        runs = Runs(store, runner, settings.data_dir / "runs", limits=_limits(settings))
        await stack.enter_async_context(runs)
        embedded = _sandbox(settings, runner)
        chosen = ChosenCluster(settings, progress, runner, OWNER, wrap=wrap, embedded=embedded)
        await stack.enter_async_context(chosen)
        desk = Desk(course, chosen, runs, progress, bus, rigour=rigour)
        await stack.enter_async_context(desk)
        lab = Lab(settings, course, bus, progress, runner, runs, chosen, desk)
        yield House(lab, workshop, reporter)


def _sandbox(settings: Settings, runner: Runner) -> SandboxProvider | None:
    return SandboxProvider(settings.data_dir / "sandbox", runner) if settings.sandbox else None


def _limits(settings: Settings) -> Limits:
    return Limits(
        foreground_s=settings.command_timeout_s,
        background_s=settings.background_timeout_s,
        size_bytes=settings.max_output_bytes,
        lines=settings.max_output_lines,
    )
