"""Seats: one sandbox each, as many as there is memory, first come first served, none lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from workshop.conftest import House
from workshop.fakes import BrokenSandbox, FakeSandbox, SlowSandbox

from app.errors import ClusterUnavailable, NotFound, Refused
from app.workshop.capacity import EACH, KEPT
from app.workshop.memory import Memory
from app.workshop.model import Member
from app.workshop.reserve import Sandbox
from app.workshop.seat_rows import SeatRows
from app.workshop.seats import DEATHS, IDLE_S, Seats


@asynccontextmanager
async def seats_for(
    house: House,
    tmp_path: Path,
    room_for: int,
    *,
    reserve: int = 0,
    make: Callable[[Path], Sandbox] = FakeSandbox,
) -> AsyncIterator[Seats]:
    """Open seats on a machine with room for that many sandboxes; a test tends them itself."""
    folder = tmp_path / "rooms"
    rows = SeatRows(house.store, house.workshop.log, house.clock)

    def memory() -> Memory:
        up = len(list(folder.glob("*/up")))
        return Memory(10**12, KEPT + (room_for - up) * EACH, "the test")

    seats = Seats(
        rows, folder, make, house.workshop.presence, memory=memory, reserve=reserve, tend_s=3600.0
    )
    async with seats:
        yield seats


async def here(house: House, *members: Member) -> None:
    for member in members:
        await house.workshop.presence.seen(member.id)


def up(tmp_path: Path) -> int:
    return len(list((tmp_path / "rooms").glob("*/up")))


async def test_each_learner_has_a_folder_of_the_own_and_keeps_it(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.people(await house.room(), "Ann", "Bob")
    async with seats_for(house, tmp_path, 5) as seats:
        folders = [await seats.seat(each.id) for each in (ann, bob, ann)]
        assert folders[0] == folders[2] != folders[1]
        assert (seats.capacity().total, seats.capacity().used, seats.capacity().free) == (5, 2, 3)


async def test_many_who_ask_at_once_share_one_start(house: House, tmp_path: Path) -> None:
    (ann,) = await house.people(await house.room(), "Ann")
    async with seats_for(house, tmp_path, 5) as seats:
        folders = await asyncio.gather(*(seats.seat(ann.id) for _ in range(8)))
        assert len(set(folders)) == 1 == up(tmp_path)


async def test_beyond_the_machine_learners_wait_in_the_order_in_which_they_asked(
    house: House, tmp_path: Path
) -> None:
    room = await house.room()
    people = await house.people(room, "Ann", "Bob", "Cem", "Dia")
    await here(house, *people)
    async with seats_for(house, tmp_path, 2) as seats:
        for each in people[:2]:
            await seats.seat(each.id)
        for each, place in ((people[3], 1), (people[2], 2), (people[3], 1)):
            with pytest.raises(ClusterUnavailable, match=f"number {place} in the queue"):
                await seats.seat(each.id)
            house.clock.pass_(seconds=1)
        assert [await seats.place(each.id) for each in people] == [0, 0, 2, 1]
        assert up(tmp_path) == 2
        await seats.rest(people[0].id)
        await seats.tend()
        assert await seats.place(people[3].id) in (0, 1)  # its start may be under way
        await seats.seat(people[3].id)
        assert await seats.place(people[2].id) == 1
        assert up(tmp_path) == 2
        with pytest.raises(ClusterUnavailable, match="number 2"):
            await seats.seat(people[0].id)  # who was stopped comes after who waited


async def test_who_leaves_the_room_leaves_the_queue(house: House, tmp_path: Path) -> None:
    people = await house.people(await house.room(), "Ann", "Bob", "Cem")
    await here(house, *people)
    async with seats_for(house, tmp_path, 1) as seats:
        await seats.seat(people[0].id)
        for each in people[1:]:
            with pytest.raises(ClusterUnavailable):
                await seats.seat(each.id)
        await house.workshop.roster.leave(people[1].id, actor="owner")
        assert await seats.place(people[2].id) == 1
        await seats.rest(people[0].id)
        await seats.seat(people[2].id)


async def test_however_many_ask_at_once_the_machine_is_never_overrun(
    house: House, tmp_path: Path
) -> None:
    people = await house.people(await house.room(), *(f"Learner {n}" for n in range(12)))
    await here(house, *people)
    async with seats_for(house, tmp_path, 3, reserve=2) as seats:
        came = await asyncio.gather(
            *(seats.seat(each.id) for each in people), return_exceptions=True
        )
        assert sum(isinstance(each, Path) for each in came) == 3 == up(tmp_path)
        places = sorted([await seats.place(each.id) for each in people])
        assert places == [0, 0, 0, *range(1, 10)]


async def test_who_joins_takes_over_one_that_was_started_ahead(
    house: House, tmp_path: Path
) -> None:
    room = await house.room(capacity=2)
    async with seats_for(house, tmp_path, 5, reserve=2) as seats:
        for _ in range(4):
            await seats.tend()
            await asyncio.sleep(0)
        await until(lambda: up(tmp_path) >= 1)
        ready = {file.parent for file in (tmp_path / "rooms").glob("*/up")}
        (ann,) = await house.people(room, "Ann")
        assert await seats.seat(ann.id) in ready
        told = await house.workshop.log.since(room.id, 0)
        assert (told[-1].kind, told[-1].data["was_ready"]) == ("sandbox.started", True)


async def test_an_idle_one_is_stopped_with_its_state_and_comes_back_with_it(
    house: House, tmp_path: Path
) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    async with seats_for(house, tmp_path, 5) as seats:
        folder = await seats.seat(ann.id)
        async with house.workshop.presence.stream(ann.id):
            house.clock.pass_(seconds=IDLE_S + 1)
            age(seats, ann.id, IDLE_S + 1)
            await seats.tend()
            assert up(tmp_path) == 1
        house.clock.pass_(seconds=IDLE_S + 1)
        await seats.tend()
        assert up(tmp_path) == 0
        assert (folder / "snapshot.json").exists()
        assert await seats.seat(ann.id) == folder
    kinds = [kind for kind in await house.kinds(room) if kind.startswith("sandbox")]
    assert kinds == ["sandbox.started", "sandbox.stopped", "sandbox.resumed"]


async def test_one_that_dies_is_told_and_started_again_until_it_is_hopeless(
    house: House, tmp_path: Path
) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    async with seats_for(house, tmp_path, 5) as seats:
        folder = await seats.seat(ann.id)
        (folder / "snapshot.json").write_text("kept")
        for death in range(DEATHS):
            FakeSandbox(folder).die()
            await seats.tend()
            if death < DEATHS - 1:
                assert await seats.seat(ann.id) == folder
        assert up(tmp_path) == 0
        assert (await house.workshop.board(room.id)).rows[0].sandbox == "died"
        assert await seats.seat(ann.id) == folder  # whoever asks may try
    kinds = [kind for kind in await house.kinds(room) if kind.startswith("sandbox")]
    assert kinds == [
        "sandbox.started",
        *["sandbox.died", "sandbox.restored"] * (DEATHS - 1),
        "sandbox.died",
        "sandbox.resumed",
    ]


async def test_an_instructor_resets_and_restores(house: House, tmp_path: Path) -> None:
    room = await house.room()
    ann, bob = await house.people(room, "Ann", "Bob")
    async with seats_for(house, tmp_path, 5) as seats:
        folder = await seats.seat(ann.id)
        await seats.restore(ann.id, actor="owner")
        assert (folder / "snapshot.json").exists()
        await seats.reset(ann.id, actor="owner")
        assert not (folder / "snapshot.json").exists()
        assert up(tmp_path) == 1
        with pytest.raises(NotFound, match="no sandbox yet"):
            await seats.reset(bob.id, actor="owner")
    told = (await house.workshop.log.since(room.id, 0))[-2:]
    assert [(event.kind, event.actor) for event in told] == [
        ("sandbox.restored", "owner"),
        ("sandbox.reset", "owner"),
    ]


async def test_a_new_site_takes_over_what_runs_and_clears_what_is_nobodys(
    house: House, tmp_path: Path
) -> None:
    room = await house.room()
    ann, bob, cem = await house.people(room, "Ann", "Bob", "Cem")
    async with seats_for(house, tmp_path, 2) as seats:
        folder = await seats.seat(ann.id)
        asleep = await seats.seat(bob.id)
        with pytest.raises(ClusterUnavailable):
            await seats.seat(cem.id)
    FakeSandbox(asleep).die()  # its lease ended
    (tmp_path / "rooms" / "sdeadbeef").mkdir()
    async with seats_for(house, tmp_path, 2) as seats:
        assert not (tmp_path / "rooms" / "sdeadbeef").exists()
        assert (seats.capacity().total, seats.capacity().used) == (2, 1)
        assert await seats.seat(ann.id) == folder
        assert await seats.place(cem.id) == 1
        assert await seats.seat(bob.id) == asleep
    assert up(tmp_path) == 2


async def test_one_that_does_not_start_is_said_and_takes_no_seat(
    house: House, tmp_path: Path
) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    async with seats_for(house, tmp_path, 5, make=BrokenSandbox) as seats:
        with pytest.raises(ClusterUnavailable, match="did not start"):
            await seats.seat(ann.id)
        assert seats.capacity().used == 0
    assert (await house.kinds(room))[-1] == "sandbox.died"


async def test_an_ended_room_has_no_sandboxes(house: House, tmp_path: Path) -> None:
    room, other = await house.room(capacity=1), await house.room(name="Other")
    ann, waiting = await house.people(room, "Ann", "Bob")
    (cem,) = await house.people(other, "Cem")
    async with seats_for(house, tmp_path, 5) as seats:
        await seats.seat(ann.id)
        await seats.seat(cem.id)
        with pytest.raises(Refused, match="no sandbox now"):
            await seats.seat(waiting.id)
        await house.workshop.acts.close(room.id, actor="owner")
        await seats.end_room(room.id)
        assert up(tmp_path) == 1
        with pytest.raises(Refused, match="no sandbox now"):
            await seats.seat(ann.id)


async def test_erasing_leaves_nothing_of_a_sandbox(house: House, tmp_path: Path) -> None:
    (ann,) = await house.people(await house.room(), "Ann")
    async with seats_for(house, tmp_path, 5) as seats:
        folder = await seats.seat(ann.id)
        await seats.erase(ann.id)
        assert not folder.exists()
        assert seats.capacity().used == 0


async def test_leaving_in_the_middle_of_a_start_leaves_no_task_behind(
    house: House, tmp_path: Path
) -> None:
    (ann,) = await house.people(await house.room(), "Ann")
    go = asyncio.Event()
    async with seats_for(house, tmp_path, 5, make=lambda f: SlowSandbox(f, go)) as seats:
        asking = asyncio.create_task(seats.seat(ann.id))
        await until(lambda: seats.capacity().used == 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert seats.capacity().used == 1  # the start goes on for whoever asks next
    assert [task for task in asyncio.all_tasks() if "start" in repr(task.get_coro())] == []


async def until(is_true: Callable[[], bool]) -> None:
    """Return once it is true; give the loop its turns meanwhile."""
    async with asyncio.timeout(60):
        while not is_true():  # noqa: ASYNC110  # what it waits for tells nobody
            await asyncio.sleep(0.005)


def age(seats: Seats, member: str, seconds: float) -> None:
    """Let a member's sandbox have been up for longer."""
    seats._fleet.berths[member].since -= seconds
