"""The door of a room: joining with its code, and coming back with a personal link."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import AppError, NotAllowed, NotFound, Refused, Unavailable
from app.web.cookies import keep
from app.web.deps import Entering, House, Templates
from app.workshop.model import Member
from app.workshop.workshop import Workshop

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/join")
async def show_door(
    request: Request, _entering: Entering, pages: Templates, code: str = ""
) -> HTMLResponse:
    """Show the form that lets a learner in; a link to project carries the code."""
    return door(request, pages, {"code": code[:20], "name": "", "email": ""})


@router.post("/join", response_model=None)
async def join(
    request: Request,
    _entering: Entering,
    house: House,
    pages: Templates,
    code: Text = "",
    name: Text = "",
    email: Text = "",
) -> Response:
    """Let a learner in by code and name; who is refused is told why on the same page."""
    typed = {"code": code, "name": name, "email": email}
    try:
        joined = await house.workshop.roster.join(code, name, email, address=address_of(request))
    except (NotFound, NotAllowed, Refused, Unavailable) as refused:
        return door(request, pages, typed, refused)
    response = RedirectResponse("/room", 303)
    keep(response, house, house.access.open(joined.member.id))
    return response


@router.get("/resume", response_model=None)
async def resume(
    request: Request, _entering: Entering, house: House, pages: Templates, token: str = ""
) -> Response:
    """Make this browser a member's; the page moves on, so that the link leaves the address bar."""
    try:
        member = await house.workshop.roster.resume(token, address=address_of(request))
    except (NotFound, Unavailable) as refused:
        return door(request, pages, {"code": "", "name": "", "email": ""}, refused)
    start = await first_page(house.workshop, member)
    response = pages.answer(request, "welcome.html", {"start": start})
    keep(response, house, house.access.open(member.id))
    return response


async def first_page(workshop: Workshop, member: Member) -> str:
    """Return where a member's visit begins: an instructor's at the board."""
    return f"/rooms/{member.room}" if member.role == "instructor" else "/room"


def door(
    request: Request, pages: Templates, typed: dict[str, str], refused: AppError | None = None
) -> HTMLResponse:
    """Return the form with what was typed into it."""
    status = refused.status if refused else 200
    return pages.answer(request, "join.html", {"typed": typed, "refused": refused}, status)


def address_of(request: Request) -> str:
    """Return the network address that the request came from."""
    return request.client.host if request.client else ""
