"""What a learner does in a step. What follows from it comes over the page's stream, in order."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.web.deps import Doing, Here, Sent, Shared, Templates, Worker
from app.web.proofread import proofread
from app.web.stepview import view_step
from app.web.texts import texts_of

router = APIRouter(prefix="/lessons/{lesson}/{step}")
Text = Annotated[str, Form()]


def done(request: Request, url: str) -> Response:
    """Return nothing to htmx, since the stream tells; lead other browsers to a page."""
    if "hx-request" in request.headers:
        return Response(status_code=204)
    return RedirectResponse(url, 303)


@router.post("/run")
async def run(
    request: Request, learner: Worker, place: Doing, sent: Sent, services: Shared, command: Text
) -> Response:
    """Start a fenced command."""
    texts = await texts_of(services, learner, place, sent)
    started = await services.desk.run(learner, place.lesson.id, place.step.id, command, texts)
    return done(request, f"/runs/{started.id}")


@router.post("/line")
async def run_line(
    request: Request, learner: Worker, place: Doing, sent: Sent, services: Shared, line: Text
) -> Response:
    """Start a typed command."""
    texts = await texts_of(services, learner, place, sent)
    started = await services.desk.run_line(
        learner, place.lesson.id, place.step.id, line.strip(), texts
    )
    return done(request, f"/runs/{started.id}")


@router.post("/check")
async def check(
    request: Request, learner: Worker, place: Doing, _sent: Sent, services: Shared
) -> Response:
    """Start the checks."""
    await services.desk.check(learner, place.lesson.id, place.step.id)
    return done(request, f"{place.url}?checking=9#checks")


@router.post("/answer", response_model=None)
async def answer(
    request: Request,
    learner: Worker,
    place: Here,
    _sent: Sent,
    services: Shared,
    pages: Templates,
    question: Text,
    choice: Text,
) -> Response:
    """Record an answer and show what is said to it."""
    await services.desk.answer(learner, place.lesson.id, place.step.id, question, choice)
    if "hx-request" not in request.headers:
        return RedirectResponse(f"{place.url}#question-{question}", 303)
    view = await view_step(services, learner, place)
    asked = next(b for b in view.blocks if getattr(b.block, "id", "") == question)
    context = {"place": place, "view": asked, "csrf": request.state.csrf}
    return HTMLResponse(pages.block("_question.html", "question", context))


@router.post("/hint", response_model=None)
async def hint(
    request: Request,
    learner: Worker,
    place: Here,
    _sent: Sent,
    services: Shared,
    pages: Templates,
) -> Response:
    """Open one more hint."""
    await services.desk.open_hint(learner, place.lesson.id, place.step.id)
    return await show_help(request, learner, place, services, pages)


@router.post("/solution", response_model=None)
async def solution(
    request: Request,
    learner: Worker,
    place: Here,
    _sent: Sent,
    services: Shared,
    pages: Templates,
) -> Response:
    """Show the solution. Raises: NotAllowed where the instructor keeps it for later."""
    if services.attendance:
        await services.attendance.require_solution((place.lesson.id, place.step.id))
    await services.desk.show_solution(learner, place.lesson.id, place.step.id)
    return await show_help(request, learner, place, services, pages)


async def show_help(
    request: Request, learner: str, place: Here, services: Shared, pages: Templates
) -> Response:
    """Return the step's hints and solution as far as they are open."""
    if "hx-request" not in request.headers:
        return RedirectResponse(f"{place.url}#help", 303)
    view = await view_step(services, learner, place)
    return HTMLResponse(
        pages.block("_help.html", "help", {"view": view, "csrf": request.state.csrf})
    )


@router.post("/draft", response_model=None)
async def draft(
    request: Request,
    learner: Worker,
    place: Here,
    sent: Sent,
    services: Shared,
    pages: Templates,
    file: Text,
) -> Response:
    """Keep what was typed into a manifest, and say the first thing that is wrong with it."""
    texts = await texts_of(services, learner, place, sent)
    await services.desk.save_draft(
        learner, place.lesson.id, place.step.id, file, texts.get(file, "")
    )
    if "hx-request" not in request.headers:
        return RedirectResponse(f"{place.url}#file-{file}", 303)
    scope = await services.desk.scope(place.lesson.id, place.step.id, texts)
    remark = proofread(file, texts.get(file, ""), scope, place.lesson.namespaces[0])
    return HTMLResponse(pages.block("_manifest.html", "remark", {"remark": remark}))


@router.post("/time")
async def time(
    request: Request, learner: Worker, place: Here, _sent: Sent, services: Shared
) -> Response:
    """Count half a minute in which the page was open and in use."""
    await services.progress.spend(learner, place.lesson.id, place.step.id, 30.0)
    return done(request, place.url)
