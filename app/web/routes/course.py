"""The course map and the learner's progress."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.errors import NotFound
from app.web.deps import Reader, Shared, Templates
from app.web.journey import mark_course, where_to_go

router = APIRouter()


@router.get("/")
async def course_map(
    request: Request, learner: Reader, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show the course with the learner's marks in it."""
    mark = mark_course(services.course, await services.progress.journey(learner))
    context = {"mark": mark, "go_on": where_to_go(services.course, mark)}
    return pages.answer(request, "course.html", context)


@router.get("/progress")
async def progress(
    request: Request, learner: Reader, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show what the learner has done so far."""
    mark = mark_course(services.course, await services.progress.journey(learner))
    return pages.answer(request, "progress.html", {"mark": mark})


@router.get("/continue")
async def go_on(learner: Reader, services: Shared) -> RedirectResponse:
    """Lead to where the learner stopped."""
    mark = mark_course(services.course, await services.progress.journey(learner))
    place = where_to_go(services.course, mark)
    return RedirectResponse(place.url if place else "/", 303)


@router.get("/lessons/{lesson}")
async def lesson(lesson: str, learner: Reader, services: Shared) -> RedirectResponse:
    """Lead to the lesson's first step that has not passed."""
    mark = mark_course(services.course, await services.progress.journey(learner))
    found = next((marked for marked in mark.lessons if marked.lesson.id == lesson), None)
    if found is None:
        raise NotFound("There is no such lesson.", hint="The course map lists them all.")
    return RedirectResponse(found.url, 303)
