"""Settings: the cluster to work in, how the site looks, a link for another browser."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.auth.roles import Right
from app.errors import ClusterUnavailable, Refused
from app.web.deps import Arranger, Reader, Sent, Shared, Templates, Who
from app.web.services import Services

router = APIRouter(prefix="/settings")
Text = Annotated[str, Form()]


@router.get("")
async def show_settings(
    request: Request, person: Who, _reader: Reader, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show the settings; the cluster is the owner's to choose."""
    page = await shown(services) if person.may(Right.ARRANGE) else {}
    return pages.answer(request, "settings.html", page)


async def shown(services: Services, link: str = "") -> dict[str, object]:
    """Return what the page shows, also without a kubeconfig that can be read."""
    try:
        contexts, trouble = await services.contexts.all(), None
    except ClusterUnavailable as error:
        contexts, trouble = [], error
    return {"contexts": contexts, "trouble": trouble, "refused": None, "link": link}


@router.post("/context", response_model=None)
async def choose_context(
    request: Request,
    _learner: Arranger,
    _sent: Sent,
    services: Shared,
    pages: Templates,
    context: Text,
    confirmation: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Work in another context; one that looks like production asks for its name first."""
    try:
        await services.contexts.choose(context, confirmation)
    except Refused as refusal:
        page = await shown(services) | {"refused": (context, refusal)}
        return pages.answer(request, "settings.html", page, refusal.status)
    return RedirectResponse("/preflight", 303)


@router.post("/theme")
async def choose_theme(_person: Who, _sent: Sent, theme: Text) -> RedirectResponse:
    """Keep how the site looks: light, dark or auto."""
    response = RedirectResponse("/settings", 303)
    kept = theme if theme in ("light", "dark") else "auto"
    response.set_cookie("theme", kept, max_age=365 * 24 * 3600, httponly=True, samesite="strict")
    return response


@router.post("/link")
async def make_link(
    request: Request, learner: Arranger, _sent: Sent, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show an address that signs another browser in, once."""
    link = f"{request.base_url}login?token={services.access.issue(learner)}"
    return pages.answer(request, "settings.html", await shown(services, link))
