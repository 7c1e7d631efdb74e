"""What routes may ask for, as annotated aliases: who asks, which step is meant, what was sent."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.auth.roles import Person, Right, Role
from app.errors import NotAllowed, NotFound
from app.web.attendance import Attendance
from app.web.cookies import cookie_name
from app.web.place import Place, find_place
from app.web.render import Pages
from app.web.services import Services
from app.workshop.model import Room


class NotSignedIn(Exception):
    """The request carries no cookie of ours."""


def house_of(request: Request) -> Services:
    """Return what the site is made of, whoever asks: for the routes of the door."""
    services: Services = request.app.state.services
    return services


def pages_of(request: Request) -> Pages:
    """Return the templates."""
    pages: Pages = request.app.state.pages
    return pages


House = Annotated[Services, Depends(house_of)]
Templates = Annotated[Pages, Depends(pages_of)]


async def person_of(request: Request, house: House) -> Person:
    """Return who asks. Raises: NotSignedIn."""
    cookie = request.cookies.get(cookie_name(house), "")
    holder = house.access.who(cookie) if cookie else None
    person = await house.people.find(holder) if holder else None
    if person is None:
        raise NotSignedIn
    request.state.person = person
    request.state.csrf = house.access.csrf(person)
    return person


Who = Annotated[Person, Depends(person_of)]


class May:
    """The dependency that lets those pass who have a right, and gives the person's id."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, person: Who) -> str:
        """Return who asks. Raises: NotAllowed."""
        if not person.may(self.right):
            raise NotAllowed(f"Your link does not let you {self.right}.")
        return person.id


class MayEnter(May):
    """The dependency of the door: whoever comes passes."""

    def __init__(self) -> None:
        super().__init__(Right.ENTER)

    def __call__(self) -> str:  # type: ignore[override]
        """Return nobody's id."""
        return ""


Entering = Annotated[str, Depends(MayEnter())]
Reader = Annotated[str, Depends(May(Right.READ))]
Worker = Annotated[str, Depends(May(Right.WORK))]
Arranger = Annotated[str, Depends(May(Right.ARRANGE))]
Member = Annotated[str, Depends(May(Right.ATTEND))]
Leader = Annotated[str, Depends(May(Right.LEAD))]
Opener = Annotated[str, Depends(May(Right.OPEN))]


async def services_of(person: Who, house: House) -> Services:
    """Return what this person works with: each learner of a room has a cluster of their own."""
    return house if person.role is Role.OWNER else await house.seats.services(person)


Shared = Annotated[Services, Depends(services_of)]


async def sent_form(request: Request, person: Who, house: House) -> dict[str, str]:
    """Return what a form sent. Raises: NotAllowed where it lacks the token that our pages carry."""
    form = await request.form(max_files=0, max_fields=100)
    sent = {name: "" if isinstance(text, UploadFile) else text for name, text in form.items()}
    mark = request.headers.get("x-csrf-token") or sent.get("csrf", "")
    if not mark.isascii() or not house.access.is_csrf(person, mark):
        raise NotAllowed(
            "This form was made before you signed in here.", hint="Reload the page and try again."
        )
    return sent


Sent = Annotated[Mapping[str, str], Depends(sent_form)]


def named_place(lesson: str, step: str, services: Shared) -> Place:
    """Return the step that the address names. Raises: NotFound."""
    place = find_place(services.course, lesson, step)
    if place is None:
        raise NotFound(
            "There is no such step in this course.", hint="The course map lists them all."
        )
    return place


Named = Annotated[Place, Depends(named_place)]


async def place_of(place: Named, services: Shared) -> Place:
    """Return the step, where it may be read. Raises: NotAllowed where a room keeps it closed."""
    if services.attendance:
        await services.attendance.require_reading((place.lesson.id, place.step.id))
    return place


Here = Annotated[Place, Depends(place_of)]


async def workbench_of(place: Named, services: Shared) -> Place:
    """Return the step, where commands and checks may run in it now. Raises: NotAllowed.

    Where they may, the step may be read, too: the gate is asked once.
    """
    if services.attendance:
        await services.attendance.require_acting((place.lesson.id, place.step.id))
    return place


Doing = Annotated[Place, Depends(workbench_of)]


def attendance_of(services: Shared) -> Attendance:
    """Return what being in a room means for the learner who asks. Raises: NotFound."""
    if services.attendance is None:
        raise NotFound("You are in no room.")
    return services.attendance


Attending = Annotated[Attendance, Depends(attendance_of)]


async def room_of(room: str, person: Who, _leader: Leader, house: House) -> Room:
    """Return the room that the address names, if it is this person's to lead.

    Raises: NotFound, also for the room of another instructor.
    """
    if person.role is not Role.OWNER and person.room != room:
        raise NotFound("There is no such room.")
    return await house.workshop.rooms.get(room)


Led = Annotated[Room, Depends(room_of)]
