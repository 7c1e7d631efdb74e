"""The services of a site over the objects of a lab: what the pages need, in their own words."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.auth.access import Access
from app.practice.chosen import ChosenCluster
from app.practice.lab import Lab
from app.preflight.finding import Finding
from app.preflight.run import run_preflight
from app.web.beside import Beside
from app.web.people import OwnerAlone
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


def assemble(lab: Lab, access: Access) -> Services:
    """Return what `create_site` is given."""
    alone = OwnerAlone()
    return Services(
        settings=lab.settings,
        course=lab.course,
        bus=lab.bus,
        desk=lab.desk,
        progress=lab.progress,
        runs=lab.runs,
        live=Beside(lab.chosen),
        preflight=PreflightOfChosen(lab.chosen),
        contexts=lab.chosen,
        access=access,
        people=alone,
        seats=alone,
    )
