"""What routes may ask for, as annotated aliases: who asks, which step is meant, what was sent."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.errors import NotAllowed, NotFound
from app.web.place import Place, find_place
from app.web.render import Pages
from app.web.services import Services


class NotSignedIn(Exception):
    """The request carries no cookie of ours."""


def services_of(request: Request) -> Services:
    """Return what the site is made of."""
    services: Services = request.app.state.services
    return services


def pages_of(request: Request) -> Pages:
    """Return the templates."""
    pages: Pages = request.app.state.pages
    return pages


Shared = Annotated[Services, Depends(services_of)]
Templates = Annotated[Pages, Depends(pages_of)]


def cookie_name(services: Services) -> str:
    """Return the session cookie's name, with the port: browsers share cookies across ports."""
    return f"mesh-dojo-{services.settings.port}"


def learner_of(request: Request, services: Shared) -> str:
    """Return who asks. Raises: NotSignedIn."""
    cookie = request.cookies.get(cookie_name(services), "")
    learner = services.access.who(cookie) if cookie else None
    if learner is None:
        raise NotSignedIn
    request.state.learner = learner
    request.state.csrf = services.access.csrf(learner)
    return learner.id


Learner = Annotated[str, Depends(learner_of)]


async def sent_form(request: Request, _learner: Learner, services: Shared) -> dict[str, str]:
    """Return what a form sent. Raises: NotAllowed where it lacks the token that our pages carry."""
    form = await request.form(max_files=0, max_fields=100)
    sent = {name: "" if isinstance(text, UploadFile) else text for name, text in form.items()}
    mark = request.headers.get("x-csrf-token") or sent.get("csrf", "")
    if not mark.isascii() or not services.access.is_csrf(request.state.learner, mark):
        raise NotAllowed(
            "This form was made before you signed in here.", hint="Reload the page and try again."
        )
    return sent


Sent = Annotated[Mapping[str, str], Depends(sent_form)]


def place_of(lesson: str, step: str, services: Shared, _learner: Learner) -> Place:
    """Return the step that the address names. Raises: NotFound."""
    place = find_place(services.course, lesson, step)
    if place is None:
        raise NotFound(
            "There is no such step in this course.", hint="The course map lists them all."
        )
    return place


Here = Annotated[Place, Depends(place_of)]
