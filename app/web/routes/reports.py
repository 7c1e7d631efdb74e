"""What labs with clusters of their own tell a room: joining by program, and reports."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from app.errors import NotAllowed
from app.web.deps import Entering, House
from app.web.routes.door import address_of
from app.workshop.reporting.entry import read_batch

router = APIRouter(prefix="/api/room")


@router.post("/join")
async def join(
    request: Request, _entering: Entering, house: House, asked: dict[str, str]
) -> JSONResponse:
    """Enter the room of a code, and get the token that reports are sent with.

    Shape: {code, name, email} → {token, member, room: {name, lessons}}. Raises: as `Roster.join`.
    """
    joined = await house.workshop.roster.join(
        asked.get("code", ""),
        asked.get("name", ""),
        asked.get("email", ""),
        address=address_of(request),
        self_reported=True,
    )
    room = await house.workshop.rooms.get(joined.member.room)
    about = {"name": room.plan.name, "lessons": list(room.plan.lessons)}
    return JSONResponse({"token": joined.token, "member": joined.member.id, "room": about})


@router.post("/report")
async def report(
    request: Request,
    _entering: Entering,
    house: House,
    authorization: Annotated[str, Header()] = "",
) -> JSONResponse:
    """Take a batch of what a lab has seen; the bearer token says whose it is.

    Shape: {taken: how many were new}. Raises: NotAllowed, NotFound, Refused, Unavailable.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAllowed("A report carries the token that joining gave.")
    member = await house.workshop.roster.of_token(token, address=address_of(request))
    taken = await house.workshop.intake.take(member.id, read_batch(await request.body()))
    return JSONResponse({"taken": taken})
