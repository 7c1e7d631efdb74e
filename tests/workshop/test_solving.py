"""Solving a step for others: for whom it can be, one failure keeping nobody else from it."""

from workshop.conftest import House
from workshop.course import COURSE, ONE

from app.errors import ClusterUnavailable
from app.workshop.solving import Solved, Solving


class Solves:
    def __init__(self, broken: str) -> None:
        self.broken = broken
        self.done: list[tuple[str, str, str]] = []

    async def solve(self, member: str, lesson: str, step: str) -> None:
        if member == self.broken:
            raise ClusterUnavailable("Out of reach.")
        self.done.append((member, lesson, step))


async def test_a_step_is_solved_for_all_whose_cluster_can_be_reached(house: House) -> None:
    room = await house.room(capacity=3)
    workshop = house.workshop
    await workshop.roster.appoint(room.id, "Teacher")
    ann, bob = await house.people(room, "Ann", "Bob")
    own = (await house.join(room, "Cem", self_reported=True)).member
    (late,) = await house.people(room, "Dia")
    assert late.place == 1
    solves = Solves(broken=bob.id)
    solving = Solving(workshop.log, COURSE, workshop.rooms, workshop.roster, solves)
    assert await solving.solve(room.id, ONE, actor="owner") == [
        Solved(ann.id),
        Solved(bob.id, "Out of reach."),
    ]
    assert await solving.solve(room.id, ONE, [own.id], actor="owner") == [
        Solved(own.id, "Has no sandbox in this room now.")
    ]
    assert solves.done == [(ann.id, *ONE)]
    told = [event for event in await workshop.log.since(room.id, 0) if event.kind == "step.solved"]
    assert [event.subject for event in told] == [ann.id]
