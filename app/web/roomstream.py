"""What stands above a learner's pages in a room, as fragments that come whenever it changes."""

from collections.abc import AsyncIterator
from contextlib import suppress

from app.errors import AppError
from app.web.attendance import Attendance
from app.web.place import Place
from app.web.render import Pages


async def banners(
    attendance: Attendance, pages: Pages, place: Place | None = None
) -> AsyncIterator[str]:
    """Yield the banner now, and whenever it changes, for as long as the page is open.

    Its forms carry no mark of their own: where a stream is read, htmx sends the page's.
    """
    async with attendance.here():
        with attendance.listening() as news:
            while True:
                with suppress(AppError):  # such as a locked database: the next change says it all
                    view = await attendance.view(place)
                    context = {"view": view, "csrf": "", "oob": True}
                    yield pages.block("_room.html", "room", context)
                await news.next()
