"""Personal data go when their time is over, at once on demand, and from everywhere."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from workshop.conftest import START, House
from workshop.course import ONE, result

from app.errors import NotFound, Refused
from app.store.tables import RunRow
from app.workshop.erasure import Erasure
from app.workshop.housekeeping import Housekeeping
from app.workshop.model import Room
from app.workshop.roster import Joined

SECRET = "Xanthippe"  # a name that nothing else in the database holds


@pytest.fixture
def erasure(house: House, tmp_path: Path) -> Erasure:
    workshop = house.workshop
    return Erasure(
        house.store, workshop.log, workshop.rooms, tmp_path / "runs", house.clock,
        members=tmp_path / "runs", end_sandbox=workshop.seats.erase,
    )  # fmt: skip


async def leave_traces(house: House, tmp_path: Path, room: Room) -> Joined:
    """Let somebody whose name is SECRET leave it wherever a learner can."""
    joined = await house.join(room, SECRET, f"{SECRET}@example.org")
    id_ = joined.member.id
    asked = await house.workshop.helps.ask(id_, ONE, f"It is me, {SECRET}")
    await house.workshop.helps.answer(asked.id, f"Hello {SECRET}", actor="owner")
    await house.progress.save_draft(id_, *ONE, "x.yaml", f"owner: {SECRET}")
    found = result(False, message=f"No label on {SECRET}.")
    await house.progress.record(id_, *ONE, [found], by_itself=False)
    async with house.store.session() as session:
        await session.execute(
            insert(RunRow).values(
                id="run1", learner=id_, lesson="alpha", step="first", command="",
                line=f"kubectl get {SECRET}", is_background=False, state="done", started=START,
                lines=1,
            )
        )  # fmt: skip
    await house.progress.choose(id_, "name", SECRET)
    own = tmp_path / "runs" / id_ / "contexts/kubeconfig"
    for file in (own, tmp_path / "runs/lines/run1.jsonl", tmp_path / "runs/work/run1/home/x"):
        file.parent.mkdir(parents=True)
        file.write_text(SECRET)
    return joined


def traces(tmp_path: Path) -> list[str]:
    """Return where the name still is: tables, and files of runs."""
    found = []
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        for (table,) in tables.fetchall():
            for row in database.execute(f"SELECT * FROM {table}"):
                if SECRET.lower() in repr(row).lower():
                    found.append(table)
    return found + [str(file) for file in (tmp_path / "runs").rglob("*") if file.is_file()]


async def test_nothing_names_a_learner_who_was_erased(
    house: House, tmp_path: Path, erasure: Erasure
) -> None:
    room = await house.room()
    joined = await leave_traces(house, tmp_path, room)
    assert len(traces(tmp_path)) >= 8
    await erasure.erase_member(joined.member.id, actor="owner")
    assert traces(tmp_path) == []
    (left,) = await house.workshop.roster.members(room.id)
    assert (left.name, left.email, left.has_left) == ("Learner 1", "", True)
    with pytest.raises(NotFound):
        await house.workshop.roster.resume(joined.token, address="")
    events = await house.workshop.log.since(room.id, 0)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind == "member.erased"
    assert (await house.join(room, SECRET)).member.id != joined.member.id  # the name is free


async def test_a_room_is_erased_when_its_days_are_over_and_not_before(
    house: House, tmp_path: Path, erasure: Erasure
) -> None:
    room = await house.room(keep_days=30, ends=START + timedelta(hours=2))
    await leave_traces(house, tmp_path, room)
    await house.workshop.acts.broadcast(room.id, f"Thanks to {SECRET}", actor="owner")
    house.clock.now = START + timedelta(days=30, hours=1)
    assert await erasure.erase_due() == []
    house.clock.pass_(hours=1)
    assert await erasure.erase_due() == [room.id]
    assert await erasure.erase_due() == []
    assert traces(tmp_path) == []
    with pytest.raises(Refused, match="deleted"):
        await house.workshop.acts.extend(room.id, None, actor="owner")


async def test_by_the_clock_rooms_close_and_names_go(
    house: House, tmp_path: Path, erasure: Erasure
) -> None:
    workshop = house.workshop
    room = await house.room(keep_days=1, ends=START + timedelta(hours=2))
    goes_on = await house.room(name="No end")
    await house.join(room, SECRET)
    keeping = Housekeeping(workshop.rooms, workshop.acts, erasure, house.clock)
    await keeping.look()
    house.clock.pass_(hours=3)
    await keeping.look()
    assert [(await workshop.rooms.get(each.id)).closed for each in (room, goes_on)] == [
        house.clock(),
        None,
    ]
    house.clock.pass_(days=1)
    await keeping.look()
    assert traces(tmp_path) == []
    assert (await workshop.rooms.get(room.id)).erased == house.clock()
    assert (await house.kinds(room)).count("room.closed") == 1
