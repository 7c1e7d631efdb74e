"""The instructor's acts change the room, and each is in its log once."""

from datetime import timedelta

import pytest
from workshop.conftest import START, House
from workshop.course import ONE, THREE, TWO

from app.errors import NotFound, Refused


async def test_steps_open_and_close_once_each(house: House) -> None:
    room, acts = await house.room(gating="opened"), house.workshop.acts
    await acts.open_steps(room.id, [TWO, ONE], actor="owner")
    assert (await acts.open_steps(room.id, [ONE], actor="owner")).steps == {ONE, TWO}
    assert (await acts.close_steps(room.id, [ONE, THREE], actor="owner")).steps == {TWO}
    revealed = await acts.reveal(room.id, ONE, actor="owner")
    assert (revealed.revealed, revealed.steps) == ({ONE}, {TWO})
    told = [
        (event.kind, event.data["step"]) for event in await house.workshop.log.since(room.id, 1)
    ]
    assert told == [
        ("step.opened", "first"),
        ("step.opened", "second"),
        ("step.closed", "first"),
        ("solution.revealed", "first"),
    ]


async def test_a_pause_is_told_once_and_ends(house: House) -> None:
    room, acts = await house.room(), house.workshop.acts
    for _ in range(2):
        assert (await acts.pause(room.id, actor="owner")).is_paused
    for _ in range(2):
        assert not (await acts.resume(room.id, actor="owner")).is_paused
    assert await house.kinds(room) == ["room.opened", "room.paused", "room.resumed"]


async def test_an_ended_room_is_left_alone_until_it_is_extended(house: House) -> None:
    room = await house.room(ends=START + timedelta(hours=1))
    acts = house.workshop.acts
    house.clock.pass_(hours=2)
    for act in (
        acts.pause(room.id, actor="owner"),
        acts.open_steps(room.id, [ONE], actor="owner"),
        acts.enlarge(room.id, 99, actor="owner"),
    ):
        with pytest.raises(Refused, match="has ended"):
            await act
    with pytest.raises(Refused, match="past"):
        await acts.extend(room.id, START + timedelta(hours=2), actor="owner")
    await acts.extend(room.id, START + timedelta(hours=3), actor="owner")
    assert (await acts.pause(room.id, actor="owner")).is_paused


async def test_a_room_is_closed_once(house: House) -> None:
    room, acts = await house.room(), house.workshop.acts
    for _ in range(2):
        closed = await acts.close(room.id, actor="owner")
    assert closed.closed == START
    assert (await house.kinds(room)).count("room.closed") == 1


async def test_a_step_of_another_course_is_not_opened(house: House) -> None:
    room = await house.room(lessons=("alpha",))
    with pytest.raises(NotFound):
        await house.workshop.acts.open_steps(room.id, [ONE, THREE], actor="owner")
    assert (await house.workshop.rooms.get(room.id)).steps == frozenset()


async def test_an_act_on_no_room_is_said(house: House) -> None:
    with pytest.raises(NotFound, match="no such room"):
        await house.workshop.acts.pause("r0", actor="owner")
