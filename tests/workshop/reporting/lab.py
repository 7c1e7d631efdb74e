"""A learner's own lab, a room, and a network between them that fails as it is told."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workshop.conftest import Clock, House
from workshop.course import COURSE

from app.bus import Bus
from app.errors import AppError, NotAllowed, Unavailable
from app.progress.queries import Progress
from app.store.engine import Store
from app.workshop.reporting.entry import read_batch
from app.workshop.reporting.intake import Intake
from app.workshop.reporting.outbox import Outbox
from app.workshop.reporting.pinned import Answer

Fault = Literal["lost", "answer-lost", "busy"]


@dataclass(frozen=True)
class Lab:
    """What a learner's own machine has."""

    store: Store
    bus: Bus
    outbox: Outbox
    progress: Progress


@asynccontextmanager
async def open_lab(folder: Path, clock: Clock) -> AsyncIterator[Lab]:
    """Open a lab that reports; what it did is there again when it is opened anew."""
    bus = Bus()
    async with Store(f"sqlite+aiosqlite:///{folder / 'lab.db'}") as store:
        outbox = Outbox(store, bus, "https://room", clock)
        progress = Progress(store, clock, outbox)
        await progress.welcome("owner", "You")
        yield Lab(store, bus, outbox, progress)


class Network:
    """Hands batches to the room, but first does what `faults` say, one at each attempt."""

    def __init__(self, intake: Intake, member: str, faults: Iterable[Fault] = ()) -> None:
        self._intake = intake
        self._member = member
        self._faults = list(faults)
        self.posts = 0

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        """Return the room's answer, as its route would give it."""
        self.posts += 1
        fault = self._faults.pop(0) if self._faults else None
        if fault == "lost":
            raise Unavailable("The room does not answer.")
        if fault == "busy":
            return Answer(503, "")
        try:
            await self._intake.take(self._member, read_batch(body))
        except AppError as error:
            return Answer(error.status, str(error))
        if fault == "answer-lost":
            raise Unavailable("The room does not answer.")
        return Answer(200, "")


class Closed:
    """A room whose certificate is another one."""

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        """Refuse to send."""
        raise NotAllowed("The room's certificate is not the expected one.")


def intake_of(house: House) -> Intake:
    """Return the room's side."""
    workshop = house.workshop
    return Intake(
        house.store, workshop.log, COURSE, workshop.rooms, workshop.roster, workshop.witness,
        house.clock,
    )  # fmt: skip
