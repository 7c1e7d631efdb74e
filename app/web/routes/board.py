"""The instructor's side of a room, to look at: board, door to project, members, exports."""

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from sse_starlette import EventSourceResponse

from app.web.boardstream import BoardStream, view_board
from app.web.deps import House, Leader, Led, Templates
from app.web.leading import member_of
from app.web.memberview import view_member
from app.web.stepview import RunView
from app.web.streaming import streamed
from app.web.terminal import TerminalStream
from app.workshop.export import as_csv, as_json
from app.workshop.model import Room

router = APIRouter(prefix="/rooms/{room}")


@router.get("")
async def show_board(
    request: Request, room: Led, house: House, pages: Templates, said: str = ""
) -> HTMLResponse:
    """Show where everybody is."""
    context = {"view": await view_board(house.workshop, room.id), "said": said[:200]}
    return pages.answer(request, "board.html", context)


@router.get("/live")
async def live(room: Led, house: House, pages: Templates) -> EventSourceResponse:
    """Stream what changes on the board."""
    return streamed(BoardStream(house.workshop, house.bus, pages, room.id).events())


@router.get("/door")
async def show_door(request: Request, room: Led, house: House, pages: Templates) -> HTMLResponse:
    """Show code, link and QR code to project."""
    base = house.outside.base(str(request.base_url))
    link = f"{base}/join?code={room.code}"
    picture = segno.make(link, error="m").svg_inline(omitsize=True, border=2, lineclass="qr-line")
    context = {"room": room, "link": link, "qr": picture, "fingerprint": house.outside.fingerprint}
    return pages.answer(request, "door.html", context)


@router.get("/members/{member}")
async def show_member(
    request: Request, room: Led, member: str, house: House, pages: Templates
) -> HTMLResponse:
    """Show what a learner has done: steps, evidence, commands; read only."""
    found = await member_of(house.workshop, room, member)
    context = {"view": await view_member(house, room, found)}
    return pages.answer(request, "member.html", context)


@router.get("/members/{member}/live")
async def watch(room: Led, member: str, house: House, pages: Templates) -> EventSourceResponse:
    """Stream a learner's terminal, for as long as there is consent. Raises: NotAllowed."""
    found = await member_of(house.workshop, room, member)
    stream = TerminalStream(house, pages, found)
    stream.require_consent(found)
    return streamed(stream.events())


@router.get("/members/{member}/runs/{run}")
async def show_run(
    request: Request, room: Led, member: str, run: str, house: House, pages: Templates
) -> HTMLResponse:
    """Show a learner's command with its output."""
    found = await member_of(house.workshop, room, member)
    made = await house.runs.get(found.id, run)
    view = RunView(made, house.runs.lines(run, max(0, made.lines - 2000), 2000))
    return pages.answer(request, "led_run.html", {"room": room, "member": found, "view": view})


@router.get("/log.jsonl")
async def export_log(room: Led, house: House) -> StreamingResponse:
    """Return all that happened, one JSON object a line."""
    return StreamingResponse(
        house.workshop.log.export(room.id),
        media_type="application/x-ndjson",
        headers=named(room, "log.jsonl"),
    )


@router.get("/results.csv")
async def export_csv(room: Led, actor: Leader, house: House) -> PlainTextResponse:
    """Return a row for each learner, for a table."""
    record = await house.workshop.records.room(room.id)
    await house.workshop.log.note(room.id, "room.exported", actor=actor, form="csv")
    return PlainTextResponse(
        as_csv(record), media_type="text/csv", headers=named(room, "results.csv")
    )


@router.get("/results.json")
async def export_json(room: Led, actor: Leader, house: House) -> PlainTextResponse:
    """Return what each learner did, for a program."""
    record = await house.workshop.records.room(room.id)
    await house.workshop.log.note(room.id, "room.exported", actor=actor, form="json")
    return PlainTextResponse(
        as_json(record), media_type="application/json", headers=named(room, "results.json")
    )


def named(room: Room, name: str) -> dict[str, str]:
    """Return the header that makes a browser keep the answer as a file."""
    return {"content-disposition": f'attachment; filename="{room.id}-{name}"'}
