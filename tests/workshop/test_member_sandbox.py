"""Real sandboxes for learners: taken over from the reserve, apart from each other, brought back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workshop.conftest import House

from app.clusters.installed import InstalledPrograms
from app.clusters.sandbox import SandboxProvider
from app.commands.orphans import end_orphan, start_time
from app.commands.runner import Runner
from app.errors import ClusterUnavailable
from app.workshop.capacity import EACH, KEPT
from app.workshop.member_sandbox import MemberSandbox
from app.workshop.memory import Memory
from app.workshop.model import Member
from app.workshop.seat_rows import SeatRows
from app.workshop.seats import Seats

pytestmark = pytest.mark.sandbox

PLENTY = Memory(10**12, KEPT + 2 * EACH, "the test")
LEASE_S = 60.0  # should this process be killed, they end by themselves


@pytest.fixture
async def runner() -> AsyncIterator[Runner]:
    async with Runner() as runner:
        yield runner


async def kubectl(sandbox: SandboxProvider, runner: Runner, *words: str) -> str:
    programs = InstalledPrograms(runner, sandbox.environment())
    output = await programs.run(["kubectl", *words], timeout_s=30.0)
    return output.stdout + output.stderr


def of(seats: Seats, member: Member, runner: Runner, tmp_path: Path) -> MemberSandbox:
    return MemberSandbox(seats, member.id, tmp_path / "nowhere", runner)


async def test_two_learners_work_apart_and_find_their_work_again(
    house: House, tmp_path: Path, runner: Runner
) -> None:
    room = await house.room()
    ann, bob, cem = await house.people(room, "Ann", "Bob", "Cem")
    seats = Seats(
        SeatRows(house.store, house.workshop.log, house.clock),
        tmp_path / "seats",
        lambda folder: SandboxProvider(folder, runner, lease_s=LEASE_S),
        house.workshop.presence,
        memory=lambda: PLENTY,
        reserve=0,
    )
    async with seats:
        anns, bobs = (of(seats, each, runner, tmp_path) for each in (ann, bob))
        try:
            with pytest.raises(ClusterUnavailable):
                anns.environment()
            for sandbox in (anns, bobs):
                await sandbox.start()
            await house.workshop.presence.seen(cem.id)
            with pytest.raises(ClusterUnavailable, match="number 1"):
                await of(seats, cem, runner, tmp_path).start()
            await kubectl(anns, runner, "create", "namespace", "anns")
            assert "anns" not in await kubectl(bobs, runner, "get", "namespaces")
            await anns.stop()
            assert anns.running() is None
            await house.workshop.roster.leave(cem.id, actor=cem.id)
            await anns.start()
            assert "anns" in await kubectl(anns, runner, "get", "namespaces")
            await seats.restore(ann.id, actor="owner")
            assert "anns" in await kubectl(anns, runner, "get", "namespaces")
            await anns.reset()
            assert "anns" not in await kubectl(anns, runner, "get", "namespaces")
            running = bobs.running()
            assert running
            assert end_orphan(running.pid, start_time(running.pid))
            async for event in house.workshop.log.follow(room.id, 0):
                if event.subject == bob.id and event.kind == "sandbox.reset":
                    break  # it had no snapshot yet
            assert "default" in await kubectl(bobs, runner, "get", "namespaces")
        finally:
            await seats.end_room(room.id)
    assert anns.running() is bobs.running() is None
