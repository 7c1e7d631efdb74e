"""A run's own page: everything that it said, also without scripts; and its stop button."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from app.web.deps import Sent, Shared, Templates, Worker
from app.web.place import find_place
from app.web.stepview import RunView

router = APIRouter(prefix="/runs/{run}")


@router.get("")
async def show_run(
    request: Request, run: str, learner: Worker, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show a run with all of its output; the page renews itself while the run goes on."""
    found = await services.runs.get(learner, run)
    view = RunView(found, await asyncio.to_thread(services.runs.lines, run, 0, found.lines))
    place = find_place(services.course, found.lesson, found.step)
    return pages.answer(request, "run.html", {"view": view, "place": place})


@router.get("/output.txt")
async def output(run: str, learner: Worker, services: Shared) -> PlainTextResponse:
    """Return the output as a file of text."""
    found = await services.runs.get(learner, run)
    lines = await asyncio.to_thread(services.runs.lines, run, 0, found.lines)
    return PlainTextResponse("".join(f"{line.text}\n" for line in lines))


@router.post("/stop")
async def stop(
    request: Request, run: str, learner: Worker, _sent: Sent, services: Shared
) -> Response:
    """End a run."""
    await services.desk.stop(learner, run)
    if "hx-request" in request.headers:
        return Response(status_code=204)
    return RedirectResponse(f"/runs/{run}", 303)
