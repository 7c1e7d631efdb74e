"""A learner's own place in a room: help, notes, consent, the personal link, what was done."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from app.web.attendance import Attendance
from app.web.deps import Attending, House, Member, Sent, Templates
from app.web.roomstream import banners
from app.web.streaming import streamed

router = APIRouter(prefix="/room")
Text = Annotated[str, Form()]


@router.get("")
async def show_room(
    request: Request, _member: Member, attendance: Attending, pages: Templates
) -> HTMLResponse:
    """Show the room as this learner sees it."""
    return pages.answer(request, "room.html", {"view": await attendance.view(), "link": ""})


@router.get("/live")
async def live(_member: Member, attendance: Attending, pages: Templates) -> EventSourceResponse:
    """Stream what stands above the learner's pages: notes, gates, the answer to a question."""
    return streamed(told(attendance, pages))


async def told(attendance: Attendance, pages: Templates) -> AsyncIterator[ServerSentEvent]:
    """Yield the banner now, and whenever it changes."""
    async for html in banners(attendance, pages):
        yield ServerSentEvent(data=html, event="room")


@router.post("/help")
async def ask(
    request: Request,
    member: Member,
    _sent: Sent,
    house: House,
    lesson: Text,
    step: Text,
    text: Text = "",
) -> Response:
    """Ask for help in one line."""
    await house.workshop.helps.ask(member, (lesson, step), text)
    return back(request, f"/lessons/{lesson}/{step}")


@router.post("/help/withdraw")
async def withdraw(request: Request, member: Member, _sent: Sent, house: House) -> Response:
    """Take back what was asked."""
    await house.workshop.helps.withdraw(member)
    return back(request, "/room")


@router.post("/notes/{note}/dismiss")
async def dismiss(
    request: Request, note: int, member: Member, _sent: Sent, house: House, attendance: Attending
) -> Response:
    """Put a note away on this learner's pages."""
    await house.workshop.notes.dismiss(note, member)
    attendance.nudge()
    return back(request, "/room")


@router.post("/consent")
async def consent(member: Member, _sent: Sent, house: House, consents: Text = "") -> Response:
    """Let the instructor watch the terminal live, or not any more."""
    await house.workshop.roster.consent(member, consents=consents == "yes")
    return RedirectResponse("/room", 303)


@router.post("/link")
async def make_link(
    request: Request,
    member: Member,
    _sent: Sent,
    house: House,
    attendance: Attending,
    pages: Templates,
) -> HTMLResponse:
    """Show a new personal link; the one before is worth nothing from now on."""
    token = await house.workshop.roster.new_token(member)
    link = f"{str(request.base_url).rstrip('/')}/resume?token={token}"
    return pages.answer(request, "room.html", {"view": await attendance.view(), "link": link})


@router.get("/record")
async def show_record(
    request: Request, member: Member, house: House, pages: Templates
) -> HTMLResponse:
    """Show what this learner did, to keep or to print."""
    room, record = await house.workshop.records.of(member)
    return pages.answer(request, "record.html", {"room": room, "record": record})


@router.post("/leave")
async def leave(member: Member, _sent: Sent, house: House) -> Response:
    """Give the seat to who waits for one."""
    await house.workshop.roster.leave(member, actor=member)
    return RedirectResponse("/room", 303)


def back(request: Request, url: str) -> Response:
    """Return nothing to htmx, since the stream tells; lead other browsers to a page."""
    if "hx-request" in request.headers:
        return Response(status_code=204)
    return RedirectResponse(url, 303)
