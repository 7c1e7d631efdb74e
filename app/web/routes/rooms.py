"""The owner's rooms: opening one, and finding those that are kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import AppError, NotFound, Refused
from app.web.deps import House, Opener, Sent, Templates
from app.web.render import Pages
from app.web.services import Services
from app.workshop.model import Plan

router = APIRouter(prefix="/rooms")


@router.get("")
async def show_rooms(
    request: Request, _owner: Opener, house: House, pages: Templates
) -> HTMLResponse:
    """Show all rooms, and the form that opens another."""
    return await listed(request, house, pages)


@router.post("", response_model=None)
async def open_room(
    request: Request,
    _owner: Opener,
    sent: Sent,
    house: House,
    pages: Templates,
    name: Annotated[str, Form()],
    capacity: Annotated[int, Form()] = 30,
    hours: Annotated[float, Form(ge=0, le=24 * 365)] = 0,
    cluster: Annotated[Literal["sandbox", "own"], Form()] = "sandbox",
    gating: Annotated[Literal["free", "opened", "passed"], Form()] = "free",
    keep_days: Annotated[int, Form()] = 30,
    lessons: Annotated[list[str], Form()] = [],  # noqa: B006 FastAPI copies it
    takes_self_reported: Annotated[str, Form()] = "",
) -> Response:
    """Open a room by a plan; one that makes no sense is told on the same page."""
    plan = Plan(
        name=name,
        lessons=tuple(lessons),
        capacity=capacity,
        ends=datetime.now(UTC) + timedelta(hours=hours) if hours else None,
        cluster=cluster,
        gating=gating,
        takes_self_reported=takes_self_reported == "yes",
        keep_days=keep_days,
    )
    try:
        room = await house.workshop.rooms.create(plan)
    except (Refused, NotFound) as refused:
        return await listed(request, house, pages, refused, dict(sent))
    return RedirectResponse(f"/rooms/{room.id}/door", 303)


async def listed(
    request: Request,
    house: Services,
    pages: Pages,
    refused: AppError | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    """Return the page with all rooms."""
    context = {
        "rooms": await house.workshop.rooms.all(),
        "course": house.course,
        "refused": refused,
        "typed": typed or {},
    }
    return pages.answer(request, "rooms.html", context, refused.status if refused else 200)
