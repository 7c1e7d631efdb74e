"""Notes reach who is here and who comes later, until they are put away or expire."""

from datetime import timedelta

import pytest
from workshop.conftest import START, House

from app.errors import NotFound, Refused


async def test_a_note_is_shown_to_who_comes_later_and_put_away_by_each(house: House) -> None:
    room, notes = await house.room(), house.workshop.notes
    (ann,) = await house.people(room, "Ann")
    note = await notes.send(room.id, "Lunch at noon", actor="owner")
    (bob,) = await house.people(room, "Bob")
    await notes.dismiss(note.id, ann.id)
    await notes.dismiss(note.id, ann.id)
    assert await notes.standing(room.id, ann.id) == []
    assert await notes.standing(room.id, bob.id) == [note]
    await notes.withdraw(note.id, actor="owner")
    assert await notes.standing(room.id, bob.id) == []


async def test_a_note_expires_by_the_sites_clock(house: House) -> None:
    room, notes = await house.room(), house.workshop.notes
    await notes.send(room.id, "Soon", actor="owner", expires=START + timedelta(minutes=5))
    house.clock.pass_(minutes=4)
    assert len(await notes.standing(room.id)) == 1
    house.clock.pass_(minutes=1)
    assert await notes.standing(room.id) == []


async def test_a_note_belongs_to_its_room(house: House) -> None:
    room, other = await house.room(), await house.room(name="Other")
    note = await house.workshop.notes.send(room.id, "Here", actor="owner")
    (eve,) = await house.people(other, "Eve")
    assert await house.workshop.notes.standing(other.id, eve.id) == []
    with pytest.raises(NotFound):
        await house.workshop.notes.dismiss(note.id, eve.id)


@pytest.mark.parametrize("text", ["", "x" * 501, "a\nb"])
async def test_what_is_no_line_is_not_sent(house: House, text: str) -> None:
    room = await house.room()
    with pytest.raises(Refused):
        await house.workshop.notes.send(room.id, text, actor="owner")
    assert await house.kinds(room) == ["room.opened"]
