"""One object of the cluster as text: YAML, describe or logs, for the sheet at the side."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.web.deps import Shared, Templates, Worker

router = APIRouter()


@router.get("/objects/{namespace}/{kind}/{name}", response_model=None)
async def show_object(
    request: Request,
    namespace: str,
    kind: str,
    name: str,
    _learner: Worker,
    services: Shared,
    pages: Templates,
    view: Literal["yaml", "describe", "logs"] = "describe",
) -> HTMLResponse:
    """Show one object; htmx gets it without the page around it."""
    text = await services.live.describe(view, kind, name, namespace)
    context = {"namespace": namespace, "kind": kind, "name": name, "shown": view, "text": text}
    if "hx-request" in request.headers:
        html = pages.block("object.html", "content", context)
        return HTMLResponse(html, headers={"vary": "HX-Request"})
    return pages.answer(request, "object.html", context)
