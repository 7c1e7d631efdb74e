"""Rooms are opened by a plan that makes sense, and found again."""

from datetime import timedelta

import pytest
from workshop.conftest import START, House

from app.errors import NotFound, Refused
from app.workshop.codes import clean_code


async def test_a_room_is_found_by_its_id_and_by_its_code_as_it_is_typed(house: House) -> None:
    room = await house.room(lessons=("beta", "alpha"), capacity=7, gating="passed", keep_days=3)
    assert await house.workshop.rooms.get(room.id) == room
    assert await house.workshop.rooms.by_code(room.code.lower().replace("-", " ")) == room
    assert room.plan.lessons == ("alpha", "beta")  # in the course's order
    assert clean_code(room.code) == room.code
    assert await house.kinds(room) == ["room.opened"]


async def test_the_newest_room_comes_first(house: House) -> None:
    old = await house.room(name="Old")
    house.clock.pass_(days=1)
    new = await house.room(name="New")
    assert await house.workshop.rooms.all() == [new, old]


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"name": " "}, "empty"),
        ({"name": "x" * 81}, "longer"),
        ({"name": "a\nb"}, "cannot be seen"),
        ({"capacity": 0}, "seats"),
        ({"capacity": 501}, "seats"),
        ({"keep_days": -1}, "days"),
        ({"ends": START}, "past"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(
    house: House, plan: dict[str, object], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        await house.room(**plan)
    assert await house.workshop.rooms.all() == []


async def test_a_lesson_that_does_not_exist_is_said(house: House) -> None:
    with pytest.raises(NotFound, match="no lesson gamma"):
        await house.room(lessons=("gamma",))


@pytest.mark.parametrize("code", ["", "ACDE-FGHJ", "nonsense", "A" * 1000])
async def test_no_other_code_opens_a_room(house: House, code: str) -> None:
    await house.room()
    with pytest.raises(NotFound):
        await house.workshop.rooms.by_code(code)


async def test_a_room_is_over_at_its_end_or_when_it_is_closed(house: House) -> None:
    room = await house.room(ends=START + timedelta(hours=2), keep_days=1)
    assert not room.is_over(START + timedelta(hours=1, minutes=59))
    assert room.is_over(START + timedelta(hours=2))
    house.clock.pass_(hours=1)
    closed = await house.workshop.acts.close(room.id, actor="owner")
    assert closed.ended(house.clock()) == START + timedelta(hours=1)
    assert not closed.erase_due(START + timedelta(hours=24))
    assert closed.erase_due(START + timedelta(hours=25))
