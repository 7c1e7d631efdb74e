"""What stands above a learner's pages in a room, as fragments that come whenever it changes."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from app.errors import AppError
from app.web.attendance import Attendance
from app.web.place import Place
from app.web.render import Pages

PARTS: Final = ("line", "help", "notes")


async def banners(
    attendance: Attendance, pages: Pages, place: Place | None = None
) -> AsyncIterator[str]:
    """Yield the banner now, and then what changes in it: a form that is typed into stays.

    Its forms carry no mark of their own: where a stream is read, htmx sends the page's.
    """
    sent: dict[str, str] = {}
    async with attendance.here():
        with attendance.listening() as news:
            while True:
                with suppress(AppError):  # such as a locked database: the next change says it all
                    context = {"view": await attendance.view(place), "csrf": "", "oob": True}
                    parts = {
                        part: pages.block(f"_room_{part}.html", part, context) for part in PARTS
                    }
                    changed = [html for part, html in parts.items() if sent.get(part) != html]
                    sent = parts
                    if changed:
                        yield "".join(changed)
                await news.next()
