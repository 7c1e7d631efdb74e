"""An instructor's act in a room: who acts where, and how it is answered."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import NotFound
from app.web.deps import House, Leader, Led, Sent, Templates
from app.web.render import Pages
from app.web.services import Services
from app.workshop.model import Member, Room
from app.workshop.workshop import Workshop


@dataclass(frozen=True)
class Lead:
    """One act: a form of our own pages, by somebody who may lead this room."""

    request: Request
    room: Room
    actor: str
    house: Services
    pages: Pages

    @property
    def workshop(self) -> Workshop:
        """The rooms of this site."""
        return self.house.workshop

    async def member(self, member: str) -> Member:
        """Return a member of this room. Raises: NotFound."""
        return await member_of(self.workshop, self.room, member)

    def said(self, text: str = "", *, member: str = "") -> Response:
        """Answer with what the act has to say; lead browsers without scripts to a page."""
        if "hx-request" not in self.request.headers:
            place = f"/rooms/{self.room.id}" + (f"/members/{member}" if member else "")
            return RedirectResponse(place, 303)
        if not text:  # the stream tells
            return Response(status_code=204)
        return HTMLResponse(self.pages.block("_said.html", "said", {"text": text}))

    def link(self, name: str, token: str) -> HTMLResponse:
        """Answer with the page of a personal link."""
        base = self.house.outside.base(str(self.request.base_url))
        address = f"{base}/resume?token={token}"
        context = {"room": self.room.id, "name": name, "link": address}
        return self.pages.answer(self.request, "link.html", context)


def leading(
    request: Request, _sent: Sent, actor: Leader, room: Led, house: House, pages: Templates
) -> Lead:
    """Return the act."""
    return Lead(request, room, actor, house, pages)


Leading = Annotated[Lead, Depends(leading)]


async def member_of(workshop: Workshop, room: Room, member: str) -> Member:
    """Return a member of this room. Raises: NotFound, also for who is in another."""
    found = await workshop.roster.member(member)
    if found.room != room.id:
        raise NotFound("There is nobody of that id in the room.")
    return found
