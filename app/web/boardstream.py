"""The board as a page and as a stream: of a row only what changed goes out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sse_starlette import ServerSentEvent

from app.bus import Bus
from app.errors import AppError
from app.web.render import Pages
from app.workshop.board import Board, Row
from app.workshop.capacity import Capacity
from app.workshop.log import topic
from app.workshop.model import Help, Note, Room
from app.workshop.workshop import Workshop

TICK_S: Final = 5.0  # time passes without events: who is online, who is stuck
PARTS: Final = ("figures", "helps", "standing", "stops", "state")
CALM_S: Final = 0.2  # a class that joins at once is shown in few pictures


@dataclass(frozen=True)
class BoardView:
    """A room with its board, the queue for help, standing notes, and what the machine holds."""

    room: Room
    board: Board
    helps: Sequence[Help]
    notes: Sequence[Note]
    capacity: Capacity
    now: datetime

    @property
    def names(self) -> dict[str, str]:
        """The learners' names by id."""
        return {row.member.id: row.member.name for row in self.board.rows}

    @property
    def figures(self) -> dict[str, int]:
        """What the head of the board counts, by its label."""
        rows = self.board.rows
        return {
            "learners": len(rows),
            "here": sum(row.is_online for row in rows),
            "stuck": sum(row.is_stuck for row in rows),
            "waiting": sum(row.member.is_waiting for row in rows),
            "done": sum(row.is_done for row in rows),
        }


async def view_board(workshop: Workshop, room: str) -> BoardView:
    """Return a room's board as it is now. Raises: NotFound."""
    return BoardView(
        room=await workshop.rooms.get(room),
        board=await workshop.board(room),
        helps=await workshop.helps.queue(room),
        notes=await workshop.notes.standing(room),
        capacity=workshop.seats.capacity(),
        now=workshop.clock(),
    )


class BoardStream:
    """The stream of one open board."""

    def __init__(self, workshop: Workshop, bus: Bus, pages: Pages, room: str) -> None:
        self._workshop = workshop
        self._bus = bus
        self._pages = pages
        self._room = room
        self._parts: dict[str, str] = {}
        self._rows: dict[str, str] = {}  # by member

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Yield what the page lacks now, then whatever changes."""
        with self._bus.subscribe(topic(self._room)) as news:
            while True:
                with suppress(AppError):  # such as a locked database: the next look says it all
                    for html in self._changes(await view_board(self._workshop, self._room)):
                        yield ServerSentEvent(data=html, event="board")
                await asyncio.sleep(CALM_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await news.next()
                while news.waits:  # one picture tells them all
                    await news.next()

    def _changes(self, view: BoardView) -> Sequence[str]:
        """Return the parts of the board that differ from what the page has.

        Rows of a table go by themselves: beside them a browser would tear a form apart.
        """
        context = {"view": view, "oob": True, "csrf": ""}
        parts = {name: self._pages.block(f"_board_{name}.html", name, context) for name in PARTS}
        rows = {row.member.id: self._row(view, row) for row in view.board.rows}
        if [*rows] != [*self._rows]:
            table = self._pages.block("_board_rows.html", "rows", context)
        else:
            table = "".join(html for key, html in rows.items() if self._rows[key] != html)
        rest = "".join(html for name, html in parts.items() if self._parts.get(name) != html)
        self._parts, self._rows = parts, rows
        return [html for html in (table, rest) if html]

    def _row(self, view: BoardView, row: Row) -> str:
        return self._pages.block("_board_rows.html", "row", {"view": view, "row": row, "oob": True})
