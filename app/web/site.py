"""The site: routes, shared objects, what every request passes, error pages."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from app.settings import ROOT
from app.web.assets import Assets
from app.web.errors import add_error_pages
from app.web.render import Pages
from app.web.routes import (
    acts,
    board,
    course,
    door,
    entry,
    lead,
    live,
    objects,
    preflight,
    reporting,
    reports,
    room,
    rooms,
    runs,
    sandbox,
    settings,
    step,
)
from app.web.security import Guard
from app.web.services import Services

PARTS = (
    *(entry, course, step, acts, live, runs, objects, preflight, settings, sandbox),
    *(door, room, rooms, board, lead, reports, reporting),
)
ROUTES = tuple(part.router for part in PARTS)


def create_site(services: Services, pages: Pages | None = None) -> FastAPI:
    """Return the site over these services; it starts and stops what `services.lifespans` holds.

    `pages` are templates that another site has compiled.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for started in services.lifespans:
                await stack.enter_async_context(started)
            yield

    site = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    site.state.services = services
    site.state.pages = pages or Pages()
    site.state.assets = Assets(ROOT / "static")
    site.mount("/static", site.state.assets, name="static")
    for router in ROUTES:
        site.include_router(router)
    add_error_pages(site)
    site.add_middleware(Guard, hosts=services.settings.allowed_hosts)
    return site
