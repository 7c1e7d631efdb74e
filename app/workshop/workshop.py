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
from app.workshop.erasure import Erasure
from app.workshop.guesses import Guesses
from app.workshop.help import HelpQueue
from app.workshop.housekeeping import Housekeeping
from app.workshop.log import Log
from app.workshop.notes import Notes
from app.workshop.presence import Presence
from app.workshop.record import Records
from app.workshop.reporting.intake import Intake
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
    records: Records
    erasure: Erasure
    housekeeping: Housekeeping
    intake: Intake
    witness: RoomWitness
    clock: Clock

    async def board(self, room: str) -> Board:
        """Return a room's board as it is now. Raises: NotFound, StoreUnavailable."""
        return board(await self.boards.facts(room), self.clock())


def open_workshop(
    store: Store, bus: Bus, course: Course, folder: Path, make: Make, clock: Clock = utc_now
) -> Workshop:
    """Return the rooms of a database. `folder` is the site's: sandboxes and runs are in it.

    `make` gives the sandbox of a folder. Nothing is started before `seats` and `housekeeping` are
    entered.
    """
    log = Log(store, bus, clock)
    rooms = Rooms(store, log, course, clock)
    roster = Roster(store, log, Guesses(time.monotonic), clock)
    helps, notes = HelpQueue(store, log, clock), Notes(store, log, clock)
    presence = Presence(roster, clock)
    rows = SeatRows(store, log, clock)
    seats = Seats(rows, folder / "rooms" / "sandboxes", make, presence)
    acts = Acts(store, log, course, rooms, roster, notes, helps, clock, sandboxes=seats)
    witness = RoomWitness(log, helps)
    members = folder / "rooms" / "members"
    erasure = Erasure(
        store, log, rooms, folder / "runs", clock, members=members, end_sandbox=seats.erase
    )
    return Workshop(
        course=course,
        log=log,
        rooms=rooms,
        roster=roster,
        helps=helps,
        notes=notes,
        presence=presence,
        seats=seats,
        acts=acts,
        boards=BoardQueries(store, course, presence),
        records=Records(store, course, clock),
        erasure=erasure,
        housekeeping=Housekeeping(rooms, acts, erasure, clock),
        intake=Intake(store, log, course, rooms, roster, witness, clock),
        witness=witness,
        clock=clock,
    )
