"""A site over a cluster, and a learner who is signed in to it and walks its course."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from visitor import Visitor
from walk import Tape, Walker

from app.auth.access import Access
from app.cli.lab import open_house
from app.cli.serve import address_of, listen
from app.practice.lab import OWNER
from app.settings import Settings
from app.web.assemble import assemble
from app.web.site import create_site


@asynccontextmanager
async def walking(settings: Settings, folder: Path | None = None) -> AsyncIterator[Walker]:
    """Give the walker of a site on a free port; `folder` is where recordings go."""
    tape = Tape()
    with listen(settings) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        async with open_house(settings, wrap=tape.around) as house:
            lab = house.lab
            access = Access(b"k" * 32)
            site = create_site(assemble(lab, access, house.workshop, house.reporter))
            server = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            async with Visitor.at(address_of(settings, access.issue(OWNER))) as visitor:
                await lab.chosen.bench()
                tape.at_start = await tape.census()
                yield Walker(visitor, tape, folder, lab.course)
            server.should_exit = True
            await serving
            await lab.chosen.end_sandbox()
