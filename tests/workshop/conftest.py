"""A workshop over a database of its own, with a clock that a test moves."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from workshop.course import COURSE
from workshop.fakes import FakeSandbox

from app.bus import Bus
from app.progress.queries import Progress
from app.store.engine import Store
from app.workshop.model import Member, Plan, Room
from app.workshop.roster import Joined
from app.workshop.workshop import Workshop, open_workshop

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> datetime:
        """Let time pass, and return what it is then."""
        self.now += timedelta(**time)
        return self.now


@dataclass(frozen=True)
class House:
    """A workshop and what it stands on."""

    store: Store
    bus: Bus
    clock: Clock
    workshop: Workshop
    progress: Progress

    async def room(self, **plan: object) -> Room:
        """Open a room."""
        given = {"name": "Monday", **plan}
        return await self.workshop.rooms.create(Plan(**given))  # type: ignore[arg-type]

    async def join(self, room: Room, name: str, email: str = "", **more: bool) -> Joined:
        """Let somebody in."""
        return await self.workshop.roster.join(room.code, name, email, address="192.0.2.7", **more)

    async def people(self, room: Room, *names: str) -> list[Member]:
        """Let some in, in this order."""
        return [(await self.join(room, name)).member for name in names]

    async def kinds(self, room: Room) -> list[str]:
        """Return what the room's log tells, in order."""
        return [event.kind for event in await self.workshop.log.since(room.id, 0)]


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """Collect the statements that the database is asked in the `with` block."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = house.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    bus = Bus()
    async with Store(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}") as store:
        workshop = open_workshop(store, bus, COURSE, tmp_path, FakeSandbox, clock)
        progress = Progress(store, clock, workshop.witness)
        yield House(store, bus, clock, workshop, progress)
