"""The page of a step."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.web.deps import Here, Reader, Shared, Templates
from app.web.journey import mark_course
from app.web.place import neighbours
from app.web.stepview import view_step
from app.web.wording import wording

router = APIRouter()


@router.get("/lessons/{lesson}/{step}")
async def show_step(
    request: Request,
    learner: Reader,
    place: Here,
    services: Shared,
    pages: Templates,
    checking: Annotated[int, Query(ge=0, le=9)] = 0,
) -> HTMLResponse:
    """Show a step as this learner left it.

    `checking` is how often a browser without scripts still asks for results by itself.
    """
    await services.progress.open(learner, place.lesson.id, place.step.id)
    if services.reporter:
        await services.reporter.opened(place.lesson.id, place.step.id)
    mark = mark_course(services.course, await services.progress.journey(learner))
    before, after = neighbours(services.course, place)
    context = {
        "view": await view_step(services, learner, place),
        "mark": mark,
        "before": before,
        "after": after,
        "checking": checking,
        "tasks": await services.runs.active(learner),
    }
    return pages.answer(request, "step.html", context)


@router.get("/lessons/{lesson}/{step}/words")
async def words(
    learner: Reader,
    place: Here,
    services: Shared,
    pages: Templates,
    line: Annotated[str, Query(max_length=2000)] = "",
) -> HTMLResponse:
    """Show what the prompt's line may go on with."""
    lines = await wording(services, learner, place, line) if line.strip() else []
    return HTMLResponse(pages.block("_prompt.html", "words", {"lines": lines}))
