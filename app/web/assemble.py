"""The services of a site over the objects of a lab: what the pages need, in their own words."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.auth.access import Access
from app.bus import Bus
from app.commands.runs import Runs
from app.content.model import Course
from app.practice.chosen import ChosenCluster
from app.practice.desk import Desk
from app.preflight.finding import Finding
from app.preflight.run import run_preflight
from app.progress.queries import Progress
from app.settings import Settings
from app.web.beside import Beside
from app.web.services import Services


class PreflightOfChosen:
    """Keeps the Protocol `Preflight` over the cluster that is chosen."""

    def __init__(self, chosen: ChosenCluster) -> None:
        self._chosen = chosen

    async def look(self) -> AsyncGenerator[Finding, None]:
        """Yield findings as they are made."""
        async with (
            self._chosen.around() as around,
            aclosing(run_preflight(around)) as findings,
        ):
            async for finding in findings:
                yield finding


def assemble(
    settings: Settings,
    course: Course,
    bus: Bus,
    desk: Desk,
    progress: Progress,
    runs: Runs,
    chosen: ChosenCluster,
    access: Access,
) -> Services:
    """Return what `create_site` is given."""
    return Services(
        settings=settings,
        course=course,
        bus=bus,
        desk=desk,
        progress=progress,
        runs=runs,
        live=Beside(chosen),
        preflight=PreflightOfChosen(chosen),
        contexts=chosen,
        access=access,
    )
