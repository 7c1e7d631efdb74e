"""Preflight: what stands between the learner and the course, before the first step."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from app.errors import AppError
from app.preflight.finding import Finding
from app.web.deps import Arranger, Shared, Templates
from app.web.render import Pages
from app.web.services import Services

router = APIRouter()


@router.get("/preflight")
async def preflight(
    request: Request, _learner: Arranger, services: Shared, pages: Templates, look: bool = False
) -> HTMLResponse:
    """Show the page, which asks for the findings by itself; with `look` it has them at once."""
    findings = [finding async for finding in services.preflight.look()] if look else None
    return pages.answer(request, "preflight.html", {"findings": findings})


@router.get("/preflight/live")
async def preflight_live(
    _learner: Arranger, services: Shared, pages: Templates
) -> EventSourceResponse:
    """Stream findings as they are made, and in the end all of them in the order of weight."""
    return EventSourceResponse(events(services, pages), sep="\n")


async def events(services: Services, pages: Pages) -> AsyncIterator[ServerSentEvent]:
    """Yield a fragment for each finding. A page that asks again begins anew."""
    findings: list[Finding] = []
    yield ServerSentEvent(data=pages.block("_looking.html", "begun", {}), event="finding")
    try:
        async with aclosing(services.preflight.look()) as looked:
            async for finding in looked:
                findings.append(finding)
                context = {"finding": finding, "count": len(findings)}
                html = pages.block("_looking.html", "found", context)
                yield ServerSentEvent(data=html, event="finding")
    except AppError as error:
        findings.append(Finding("cluster", "problem", str(error), mend=error.hint))
    html = pages.block("preflight.html", "findings", {"findings": findings, "oob": True})
    yield ServerSentEvent(data=html, event="done")
