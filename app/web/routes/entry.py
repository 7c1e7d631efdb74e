"""The door: signing in with a one-time token, and the one route that answers to everyone."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from app.errors import NotAllowed, StoreUnavailable
from app.web.cookies import keep
from app.web.deps import House, Templates
from app.web.services import Services

router = APIRouter()


@router.get("/healthz")
async def health() -> PlainTextResponse:
    """Answer that the site is up."""
    return PlainTextResponse("ok\n")


@router.get("/login")
async def sign_in(
    request: Request, house: House, pages: Templates, token: str = "", room: str = ""
) -> Response:
    """Exchange a one-time token for a cookie; an instructor's address leads on to a room's board.

    The answer is a page that moves on, not a redirect: after a link from elsewhere a browser
    would not send a SameSite=Strict cookie along with the redirect.
    """
    try:
        cookie = house.access.exchange(token)
    except NotAllowed as error:
        refused = error if token else None
        return pages.answer(request, "login.html", {"refused": refused}, 401)
    start = f"/rooms/{room}" if room.isalnum() else await first_page(house, cookie)
    response = pages.answer(request, "welcome.html", {"start": start})
    keep(response, house, cookie)
    return response


async def first_page(house: Services, cookie: str) -> str:
    """Return where a visit begins: at preflight where no cluster answers yet, else the course."""
    owner = house.access.who(cookie)
    try:
        is_new = owner and (await house.progress.journey(owner.id)).last is None
    except StoreUnavailable:  # the token is spent: come in, and let the page say it
        is_new = False
    return "/preflight" if is_new and not await house.contexts.is_ready() else "/"
