"""Preflight: what stands between the learner and the course, before the first step."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.web.deps import Learner, Shared, Templates

router = APIRouter()


@router.get("/preflight", response_model=None)
async def preflight(
    request: Request, _learner: Learner, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show the findings; a browser with scripts gets the page first and asks for them itself."""
    if "hx-request" not in request.headers and "look" not in request.query_params:
        return pages.answer(request, "preflight.html", {"findings": None})
    findings = [finding async for finding in services.preflight.look()]
    if "hx-request" not in request.headers:
        return pages.answer(request, "preflight.html", {"findings": findings})
    html = pages.block("preflight.html", "findings", {"findings": findings})
    return HTMLResponse(html, headers={"vary": "HX-Request"})
