"""Everything that rooms are made of, wired once over one database, for the site and the CLI."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.bus import Bus
from app.content.model import Course
from app.store.engine import Store
from app.workshop.acts import Acts
from app.workshop.board import Board, board
from app.workshop.board_queries import BoardQueries
from app.workshop.guesses import Guesses
from app.workshop.help import HelpQueue
from app.workshop.log import Log
from app.workshop.notes import Notes
from app.workshop.presence import Presence
from app.workshop.reserve import Make
from app.workshop.rooms import Rooms
from app.workshop.roster import Roster
from app.workshop.seat_rows import SeatRows
from app.workshop.seats import Seats
from app.workshop.witness import RoomWitness

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the site's own time: a learner's clock may be wrong."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workshop:
    """All rooms of a site."""

    course: Course
    log: Log
    rooms: Rooms
    roster: Roster
    helps: HelpQueue
    notes: Notes
    presence: Presence
    seats: Seats
    acts: Acts
    boards: BoardQueries
    witness: RoomWitness
    clock: Clock

    async def board(self, room: str) -> Board:
        """Return a room's board as it is now. Raises: NotFound, StoreUnavailable."""
        return board(await self.boards.facts(room), self.clock())


def open_workshop(
    store: Store, bus: Bus, course: Course, folder: Path, make: Make, clock: Clock = utc_now
) -> Workshop:
    """Return the rooms of a database; `make` gives the sandbox of a folder inside `folder`.

    Nothing is started or asked before `seats` is entered.
    """
    log = Log(store, bus, clock)
    rooms = Rooms(store, log, course, clock)
    roster = Roster(store, log, Guesses(time.monotonic), clock)
    helps, notes = HelpQueue(store, log, clock), Notes(store, log, clock)
    presence = Presence(roster, clock)
    seats = Seats(SeatRows(store, log, clock), folder, make, presence)
    return Workshop(
        course=course,
        log=log,
        rooms=rooms,
        roster=roster,
        helps=helps,
        notes=notes,
        presence=presence,
        seats=seats,
        acts=Acts(store, log, course, rooms, roster, notes, helps, clock, sandboxes=seats),
        boards=BoardQueries(store, course, presence),
        witness=RoomWitness(log, helps),
        clock=clock,
    )
