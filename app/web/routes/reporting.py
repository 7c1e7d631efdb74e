"""The owner's lab in a room elsewhere: joining by the projected link, and how sending goes."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import AppError, NotAllowed, Refused, Unavailable
from app.web.deps import Arranger, House, Sent, Templates
from app.web.render import Pages
from app.web.services import Services

router = APIRouter(prefix="/reporting")
Text = Annotated[str, Form()]


@router.get("")
async def show(request: Request, _owner: Arranger, house: House, pages: Templates) -> HTMLResponse:
    """Show the room that this lab reports to, or the form that joins one."""
    return page(request, house, pages)


@router.post("", response_model=None)
async def join(
    request: Request,
    _owner: Arranger,
    sent: Sent,
    house: House,
    pages: Templates,
    link: Text,
    name: Text,
    fingerprint: Text = "",
    email: Text = "",
) -> Response:
    """Join the room of a link; what it says against it stands on the same page."""
    if house.reporter is None:
        raise Refused("This lab reports to no room.")
    try:
        await house.reporter.join(link, fingerprint, name, email)
    except (Refused, NotAllowed, Unavailable) as refused:
        return page(request, house, pages, refused, dict(sent))
    return RedirectResponse("/reporting", 303)


@router.post("/leave")
async def leave(_owner: Arranger, _sent: Sent, house: House) -> Response:
    """Report nothing any more."""
    if house.reporter is not None:
        await house.reporter.leave()
    return RedirectResponse("/reporting", 303)


def page(
    request: Request,
    house: Services,
    pages: Pages,
    refused: AppError | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    """Return the page as it stands."""
    report = house.reporter.report if house.reporter else None
    context = {"report": report, "refused": refused, "typed": typed or {}}
    return pages.answer(request, "reporting.html", context, refused.status if refused else 200)
