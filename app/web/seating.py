"""Where the learners of rooms work: each one has a desk, a view and a cluster of the own."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from app.auth.access import Holder
from app.auth.roles import Person, Role
from app.clusters import sandbox
from app.content.model import Course
from app.errors import AppError, NotFound
from app.practice.chosen import ChosenCluster
from app.practice.desk import Desk
from app.practice.lab import OWNER, Lab
from app.practice.solution import Solver
from app.web.attendance import Attendance
from app.web.beside import Beside
from app.web.preflight import PreflightOfChosen
from app.web.services import Services
from app.workshop.member_sandbox import MemberSandbox
from app.workshop.model import Member, Room
from app.workshop.outline import outline
from app.workshop.workshop import Workshop


@dataclass(frozen=True)
class _Seat:
    services: Services
    stack: AsyncExitStack


class Seating:
    """Keeps `People`, `Seats` of the site and `Solves`: opens a learner's things when asked."""

    def __init__(self, lab: Lab, workshop: Workshop) -> None:
        self._lab = lab
        self._workshop = workshop
        self._house: Services | None = None
        self._taken: dict[str, _Seat] = {}
        self._turn = asyncio.Lock()

    def serve(self, house: Services) -> None:
        """Take what all learners share from the owner's services."""
        self._house = house

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for seat in self._taken.values():
            await seat.stack.aclose()
        self._taken.clear()

    async def find(self, holder: Holder) -> Person | None:
        """Return the owner, or who is in a room; None for somebody who was deleted."""
        if holder.id == OWNER:
            return Person(holder.id, holder.session, Role.OWNER, "You")
        try:
            member = await self._workshop.roster.member(holder.id)
        except NotFound:
            return None
        return Person(holder.id, holder.session, Role(member.role), member.name, member.room)

    async def services(self, person: Person) -> Services:
        """Return what this learner works with; opened once, and kept."""
        return await self._of(await self._workshop.roster.member(person.id))

    async def solve(self, member: str, lesson: str, step: str) -> None:
        """Do a step's solution on a member's cluster, as the member would. Raises: AppError."""
        services = await self._of(await self._workshop.roster.member(member))
        found = outline(self._lab.course, (await self._room(member)).plan).require((lesson, step))
        solver = Solver(services.desk, self._lab.runs)
        await solver.solve(member, found.lesson, found.step, self._until_ended)
        results = await services.desk.examine(member, lesson, step)
        failed = next((each for each in results if each.passed is not True), None)
        if failed:
            raise AppError(failed.finding.message)

    async def _until_ended(self, run: object) -> None:
        return None

    async def _room(self, member: str) -> Room:
        return await self._workshop.rooms.get((await self._workshop.roster.member(member)).room)

    async def _of(self, member: Member) -> Services:
        async with self._turn:
            if member.id not in self._taken:
                self._taken[member.id] = await self._open(member)
            return self._taken[member.id].services

    async def _open(self, member: Member) -> _Seat:
        room = await self._workshop.rooms.get(member.room)
        lab, house = self._lab, self._house
        assert house is not None, "serve() comes first"
        nowhere = lab.settings.data_dir / "rooms" / "nowhere"
        settings = lab.settings.model_copy(
            update={
                "context": sandbox.NAME,  # the owner's own clusters are none of theirs
                "kubeconfig": Path(os.devnull),
                "data_dir": lab.settings.data_dir / "rooms" / "members" / member.id,
                "istio_release_dir": None,
            }
        )
        embedded = MemberSandbox(self._workshop.seats, member.id, nowhere, lab.runner)
        stack = AsyncExitStack()
        chosen = await stack.enter_async_context(
            ChosenCluster(settings, lab.progress, lab.runner, member.id, embedded=embedded)
        )
        course = course_of(lab.course, room)
        desk = Desk(course, chosen, lab.runs, lab.progress, lab.bus)
        services = replace(
            house,
            course=course,
            desk=await stack.enter_async_context(desk),
            live=Beside(chosen),
            preflight=PreflightOfChosen(chosen),
            contexts=chosen,
            reporter=None,
            attendance=Attendance(self._workshop, lab.progress, lab.bus, member),
        )
        return _Seat(services, stack)


def course_of(course: Course, room: Room) -> Course:
    """Return the part of the course that a room takes."""
    chosen = room.plan.lessons or tuple(lesson.id for lesson in course.lessons)
    lessons = tuple(lesson for lesson in course.lessons if lesson.id in chosen)
    return replace(course, lessons=lessons)
