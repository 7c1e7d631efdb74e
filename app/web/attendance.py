"""What being in a room means for a learner: the gate of each step, what stands above the pages."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Final

from app.bus import Bus, Subscription
from app.errors import NotAllowed
from app.progress.queries import Progress
from app.web.place import Place, find_place
from app.workshop.gate import Gate, gate, shows_solution
from app.workshop.log import topic
from app.workshop.model import Event, Help, Member, Note, Room, StepKey
from app.workshop.outline import outline
from app.workshop.workshop import Workshop

OF_ALL: Final = ("room.", "note.", "step.opened", "step.closed", "solution.", "help.")
OF_ONE: Final = ("member.", "sandbox.")  # shown to whom they happen


@dataclass(frozen=True)
class RoomView:
    """A room as one of its learners sees it. `why` says what holds this learner up, if anything.

    `opened` is the step that the instructor opened last; None where steps are not opened.
    """

    room: Room
    member: Member
    notes: Sequence[Note]
    help: Help | None
    why: str
    is_over: bool
    opened: Place | None = None
    place: Place | None = None


class News:
    """What has happened since a page was brought up to date."""

    def __init__(self, heard: Subscription, member: str) -> None:
        self._heard = heard
        self._member = member

    async def next(self) -> None:
        """Return once there is something to show."""
        while True:
            event = await self._heard.next()
            if self._heard.lost or not isinstance(event, Event) or self._is_told(event):
                self._heard.lost = 0
                return

    def _is_told(self, event: Event) -> bool:
        if event.kind.startswith(OF_ONE) and event.kind != "member.admitted":
            return self._member in (event.actor, event.subject)
        return event.kind.startswith(OF_ALL + OF_ONE)


class Attendance:
    """One learner in one room."""

    def __init__(self, workshop: Workshop, progress: Progress, bus: Bus, member: Member) -> None:
        self._workshop = workshop
        self._progress = progress
        self._bus = bus
        self._member = member.id
        self._room = member.room

    async def gate(self, step: StepKey) -> Gate:
        """Return what the learner may do in a step now."""
        room = await self._workshop.rooms.get(self._room)
        member = await self._workshop.roster.member(self._member)
        return gate(
            room, self._steps(room), await self._passed(), member, step, self._workshop.clock()
        )

    async def require_reading(self, step: StepKey) -> None:
        """Let pass who may read the step. Raises: NotAllowed."""
        found = await self.gate(step)
        if not found.may_read:
            raise NotAllowed(found.why)

    async def require_acting(self, step: StepKey) -> None:
        """Let pass who may run commands and checks in the step. Raises: NotAllowed."""
        found = await self.gate(step)
        if not found.may_act:
            raise NotAllowed(found.why)

    async def require_solution(self, step: StepKey) -> None:
        """Let pass who may look at the step's solution. Raises: NotAllowed."""
        room = await self._workshop.rooms.get(self._room)
        member = await self._workshop.roster.member(self._member)
        if not shows_solution(room, member, step, passed=step in await self._passed()):
            raise NotAllowed("The instructor shows the solution when it is time for it.")

    async def view(self, place: Place | None = None) -> RoomView:
        """Return what stands above the learner's pages, on the page of a step or on another."""
        room = await self._workshop.rooms.get(self._room)
        member = await self._workshop.roster.member(self._member)
        now = self._workshop.clock()
        steps = self._steps(room)
        step = (place.lesson.id, place.step.id) if place else next(iter(steps))
        found = gate(room, steps, await self._passed(), member, step, now)
        general = room.is_over(now) or room.is_paused or member.is_waiting or member.has_left
        return RoomView(
            room=room,
            member=member,
            notes=await self._workshop.notes.standing(room.id, member.id),
            help=await self._workshop.helps.of(member.id),
            why=found.why if place or general else "",
            is_over=room.is_over(now),
            opened=self._opened(room, steps),
            place=place,
        )

    @contextmanager
    def listening(self) -> Iterator["News"]:
        """Listen to what the learner's pages may show, for as long as the `with` block lasts."""
        with self._bus.subscribe(topic(self._room), self._own_topic()) as heard:
            yield News(heard, self._member)

    def nudge(self) -> None:
        """Tell the learner's own pages that something of theirs changed."""
        self._bus.publish(self._own_topic(), None)

    def here(self) -> AbstractAsyncContextManager[None]:
        """Count the learner as here for as long as the `async with` block lasts."""
        return self._workshop.presence.stream(self._member)

    def _own_topic(self) -> str:
        return f"attendance:{self._member}"

    def _steps(self, room: Room) -> Sequence[StepKey]:
        return outline(self._workshop.course, room.plan).keys

    def _opened(self, room: Room, steps: Sequence[StepKey]) -> Place | None:
        if room.plan.gating != "opened":
            return None
        last = next((step for step in reversed(steps) if step in room.steps), None)
        return find_place(self._workshop.course, *last) if last else None

    async def _passed(self) -> set[StepKey]:
        journey = await self._progress.journey(self._member)
        return {key for key, state in journey.steps.items() if state.passed is not None}
