"""Preflight of the cluster that is chosen, as the page asks for it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.practice.chosen import ChosenCluster
from app.preflight.finding import Finding
from app.preflight.run import run_preflight


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
