"""The log: no number missing, none twice, nothing told that was not kept."""

import asyncio
import json
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from workshop.conftest import House

from app.bus import QUEUE_LENGTH
from app.errors import NotFound, StoreUnavailable
from app.workshop.log import BATCH, topic
from app.workshop.model import Event


async def test_many_writers_at_once_leave_no_gap_in_any_room(house: House) -> None:
    rooms = [await house.room(name="A"), await house.room(name="B")]
    log = house.workshop.log
    writing = [
        log.note(room.id, "note.sent", actor=str(number)) for number in range(15) for room in rooms
    ]
    await asyncio.gather(*writing)
    for room in rooms:
        events = await log.since(room.id, 1)
        assert [event.seq for event in events] == list(range(2, 17))
        assert {event.actor for event in events} == {str(number) for number in range(15)}


async def test_what_is_undone_is_neither_kept_nor_told_nor_counted(house: House) -> None:
    room, log = await house.room(), house.workshop.log
    with house.bus.subscribe(topic(room.id)) as news:
        with suppress(ZeroDivisionError):
            async with house.store.writing() as session:
                await log.append(session, room.id, "room.paused", actor="owner")
                raise ZeroDivisionError
        await log.note(room.id, "room.resumed", actor="owner")
        told = await news.next()
    assert isinstance(told, Event)
    assert (told.kind, told.seq) == ("room.resumed", 2)
    assert await house.kinds(room) == ["room.opened", "room.resumed"]


async def test_whoever_follows_sees_all_in_order_from_where_it_stopped(house: House) -> None:
    room, log = await house.room(), house.workshop.log
    seen: list[int] = []
    done = asyncio.Event()

    async def follow() -> None:
        async for event in log.follow(room.id, 1):
            seen.append(event.seq)
            if event.seq == 31:
                done.set()
                return

    await asyncio.gather(*(log.note(room.id, "note.sent", actor="a") for _ in range(15)))
    following = asyncio.create_task(follow())
    await asyncio.gather(*(log.note(room.id, "note.sent", actor="b") for _ in range(15)))
    await asyncio.wait_for(done.wait(), 60)
    await following
    assert seen == list(range(2, 32))


async def test_what_the_bus_drops_is_read_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, log = await house.room(), house.workshop.log
    read, told = log.since, asyncio.Event()

    async def since(id_: str, seq: int, limit: int = BATCH) -> list[Event]:
        """Read; then, before whoever reads waits for news, comes more than the bus keeps."""
        batch = await read(id_, seq, limit)
        if not batch and not told.is_set():
            told.set()
            for _ in range(QUEUE_LENGTH):
                stale = Event(room.id, 1, house.clock(), "note.sent", "x")
                house.bus.publish(topic(room.id), stale)
            await log.note(room.id, "room.paused", actor="owner")
        return batch

    monkeypatch.setattr(log, "since", since)
    following = log.follow(room.id, 0)
    async with asyncio.timeout(60):
        assert [(await anext(following)).seq for _ in range(2)] == [1, 2]
    await following.aclose()


async def test_the_export_is_a_line_of_json_for_each_event(house: House) -> None:
    room, log = await house.room(), house.workshop.log
    await log.note(room.id, "note.sent", actor="owner", text="Pause 🫖\nat ten")
    lines = [line async for line in log.export(room.id)]
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    told = [json.loads(line) for line in lines]
    assert [each["seq"] for each in told] == [1, 2]
    assert told[1]["data"] == {"text": "Pause 🫖\nat ten"}


async def test_a_room_that_is_not_there_has_no_log(house: House) -> None:
    with pytest.raises(NotFound):
        await house.workshop.log.note("r0", "room.paused", actor="owner")


async def test_a_locked_database_is_said_and_leaves_no_gap(house: House, tmp_path: Path) -> None:
    room, log = await house.room(), house.workshop.log
    async with house.store.session() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("PRAGMA busy_timeout=0")
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await log.note(room.id, "room.paused", actor="owner")
    other.execute("ROLLBACK")
    other.close()
    await log.note(room.id, "room.paused", actor="owner")
    assert [event.seq for event in await log.since(room.id, 0)] == [1, 2]
