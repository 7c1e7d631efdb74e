"""A site with rooms over fakes: real rooms, roster, log and board; desks that a test rules."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.auth.access import Holder
from app.auth.roles import Person, Role
from app.content.model import Course
from app.errors import NotFound
from app.practice.lab import OWNER
from app.web.attendance import Attendance
from app.web.panel import Snapshot
from app.web.services import Services
from app.workshop.solving import Solving
from web.fakes import FakeContexts, FakeDesk, FakeLive, make_services


@dataclass
class Clock:
    """The site's time, which a test moves."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class FakeSeating:
    """Keeps `People`, `Seats` and `Solves`: each learner has a desk and a cluster of fakes."""

    def __init__(self) -> None:
        self.house: Services | None = None
        self.taken: dict[str, Services] = {}

    async def find(self, holder: Holder) -> Person | None:
        if holder.id == OWNER:
            return Person(holder.id, holder.session, Role.OWNER, "You")
        assert self.house
        try:
            member = await self.house.workshop.roster.member(holder.id)
        except NotFound:
            return None
        return Person(holder.id, holder.session, Role(member.role), member.name, member.room)

    async def services(self, person: Person) -> Services:
        house = self.house
        assert house
        if person.id not in self.taken:
            member = await house.workshop.roster.member(person.id)
            self.taken[person.id] = replace(
                house,
                desk=FakeDesk(house.course, house.runs, house.progress, house.bus),  # type: ignore[arg-type]
                live=FakeLive(Snapshot()),
                contexts=FakeContexts(),
                attendance=Attendance(house.workshop, house.progress, house.bus, member),
            )
        return self.taken[person.id]

    async def solve(self, member: str, lesson: str, step: str) -> None:
        """Let the step come true for a member."""
        assert self.house
        found = await self.house.workshop.roster.member(member)
        services = await self.services(Person(member, "", Role.LEARNER, found.name, found.room))
        await services.desk.come_true(member, lesson, step)  # type: ignore[attr-defined]


def with_rooms(clock: Callable[[], datetime]) -> Callable[..., Services]:
    """Return a maker of services whose site has rooms that go by this clock."""

    def make(
        folder: Path, course: Course, snapshot: Snapshot | None = None, port: int = 8765
    ) -> Services:
        seating = FakeSeating()
        services = make_services(folder, course, snapshot, port, clock=clock)
        shop = services.workshop
        house = replace(
            services,
            people=seating,
            seats=seating,
            solving=Solving(shop.log, course, shop.rooms, shop.roster, seating),
        )
        seating.house = house
        return house

    return make
