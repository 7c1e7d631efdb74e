"""What an instructor does in a room; what follows from it comes over the board's stream."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import NotFound, Refused
from app.web.deps import Opener
from app.web.leading import Lead, Leading

router = APIRouter(prefix="/rooms/{room}")
Text = Annotated[str, Form()]
Number = Annotated[int, Form(ge=1, le=10080)]


@router.post("/say")
async def say(lead: Leading, text: Text) -> Response:
    """Put a note on every page."""
    await lead.workshop.acts.broadcast(lead.room.id, text, actor=lead.actor)
    return lead.said("Everybody sees your note now.")


@router.post("/notes/{note}/withdraw")
async def take_down(lead: Leading, note: int) -> Response:
    """Take a note off all pages. Raises: NotFound, also for another room's."""
    if note not in {each.id for each in await lead.workshop.notes.standing(lead.room.id)}:
        raise NotFound("There is no such note.")
    await lead.workshop.notes.withdraw(note, actor=lead.actor)
    return lead.said()


@router.post("/help/{help_id}")
async def answer(lead: Leading, help_id: int, reply: Text = "") -> Response:
    """Answer a request for help, with words or by having been there. Raises: NotFound."""
    if help_id not in {each.id for each in await lead.workshop.helps.queue(lead.room.id)}:
        raise NotFound("This request is over, or of another room.")
    await lead.workshop.acts.answer(help_id, reply, actor=lead.actor)
    return lead.said()


@router.post("/pause")
async def pause(lead: Leading) -> Response:
    """Stop commands and checks of all learners."""
    await lead.workshop.acts.pause(lead.room.id, actor=lead.actor)
    return lead.said()


@router.post("/resume")
async def resume(lead: Leading) -> Response:
    """Let everybody go on."""
    await lead.workshop.acts.resume(lead.room.id, actor=lead.actor)
    return lead.said()


@router.post("/steps")
async def mark_step(
    lead: Leading,
    lesson: Text,
    step: Text,
    act: Annotated[Literal["open", "close", "reveal", "solve"], Form()],
) -> Response:
    """Open or close a step, show its solution to all, or solve it for all."""
    key, acts, room = (lesson, step), lead.workshop.acts, lead.room.id
    if act == "solve":
        return lead.said(await solved(lead, key))
    if act == "reveal":
        await acts.reveal(room, key, actor=lead.actor)
    elif act == "open":
        await acts.open_steps(room, [key], actor=lead.actor)
    else:
        await acts.close_steps(room, [key], actor=lead.actor)
    return lead.said()


@router.post("/members/{member}/solve")
async def solve_for_one(lead: Leading, member: str, at: Text) -> Response:
    """Solve a step for one learner. `at` is the lesson and the step, with a slash between."""
    found = await lead.member(member)
    lesson, _, step = at.partition("/")
    return lead.said(await solved(lead, (lesson, step), found.id), member=found.id)


async def solved(lead: Lead, step: tuple[str, str], *members: str) -> str:
    """Solve a step, and return what came of it in a sentence. Raises: Refused, NotFound."""
    if lead.house.solving is None:
        raise Refused("This site cannot solve steps: it reaches no learner's cluster.")
    done = await lead.house.solving.solve(lead.room.id, step, members, actor=lead.actor)
    failed = [each.why for each in done if each.why]
    text = f"Solved for {len(done) - len(failed)} of {len(done)}."
    return f"{text} {failed[0]}" if failed else text


@router.post("/members/{member}/sandbox")
async def mend_sandbox(
    lead: Leading, member: str, act: Annotated[Literal["reset", "restore"], Form()]
) -> Response:
    """Give a learner an empty sandbox, or start the one from its last snapshot."""
    found = await lead.member(member)
    if act == "reset":
        await lead.workshop.acts.reset_sandbox(found.id, actor=lead.actor)
        return lead.said("The sandbox is empty now.", member=found.id)
    await lead.workshop.acts.restore_sandbox(found.id, actor=lead.actor)
    return lead.said("The sandbox runs again.", member=found.id)


@router.post("/members/{member}/erase")
async def erase_member(lead: Leading, _owner: Opener, member: str) -> Response:
    """Delete what names one learner, at once."""
    found = await lead.member(member)
    await lead.workshop.erasure.erase_member(found.id, actor=lead.actor)
    return RedirectResponse(f"/rooms/{lead.room.id}", 303)


@router.post("/members/{member}/link")
async def link_for_member(lead: Leading, member: str) -> HTMLResponse:
    """Show a new personal link for somebody who has lost the own one."""
    found = await lead.member(member)
    return lead.link(found.name, await lead.workshop.roster.new_token(found.id))


@router.post("/instructors")
async def appoint(lead: Leading, name: Text) -> HTMLResponse:
    """Show a link that lets another instructor in."""
    joined = await lead.workshop.roster.appoint(lead.room.id, name)
    return lead.link(joined.member.name, joined.token)


@router.post("/extend")
async def extend(lead: Leading, minutes: Number) -> Response:
    """Let the room go on for another while: from its end, or from now where that has passed."""
    now, ends = lead.workshop.clock(), lead.room.plan.ends
    later = max(now, ends or now) + timedelta(minutes=minutes)
    await lead.workshop.acts.extend(lead.room.id, later, actor=lead.actor)
    return lead.said()


@router.post("/enlarge")
async def enlarge(lead: Leading, capacity: Number) -> Response:
    """Change the number of seats."""
    await lead.workshop.acts.enlarge(lead.room.id, capacity, actor=lead.actor)
    return lead.said()


@router.post("/close")
async def close(lead: Leading) -> Response:
    """End the workshop; its pages stay readable."""
    await lead.workshop.acts.close(lead.room.id, actor=lead.actor)
    return lead.said()


@router.post("/erase")
async def erase(lead: Leading, _owner: Opener, code: Text = "") -> Response:
    """Delete what the room knows of people, at once. Raises: Refused without the room's code."""
    if code.strip().upper() != lead.room.code:
        raise Refused("That is not the room's code: nothing was deleted.")
    await lead.workshop.erasure.erase_room(lead.room.id, actor=lead.actor)
    return RedirectResponse("/rooms", 303)
