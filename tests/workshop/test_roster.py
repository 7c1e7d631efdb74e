"""People come in by a code and a name, come back by their token, and wait where it is full."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from workshop.conftest import START, House, counted

from app.errors import NotAllowed, NotFound, Refused, Unavailable
from app.store.room_tables import MemberRow
from app.workshop.guesses import PER_MINUTE
from app.workshop.model import Room


async def test_who_joins_is_a_learner_of_the_room_by_the_sites_clock(house: House) -> None:
    room = await house.room()
    member = (await house.join(room, " Ann  Lee ", "s123")).member
    assert (member.name, member.email, member.number, member.place) == ("Ann Lee", "s123", 1, 0)
    assert (member.room, member.role, member.joined) == (room.id, "learner", START)
    assert await house.workshop.roster.members(room.id) == [member]
    await house.progress.open(member.id, "alpha", "first")  # progress knows the learner


async def test_a_name_that_is_taken_is_refused_with_one_that_is_free(house: House) -> None:
    room = await house.room()
    await house.join(room, "Ann")
    with pytest.raises(Refused, match="called ANN already") as refused:
        await house.join(room, "ANN")
    assert "“ANN 2” is free" in refused.value.hint
    other = await house.room(name="Another")
    assert (await house.join(other, "Ann")).member.name == "Ann"


async def test_of_two_with_one_name_at_once_one_comes_in(house: House) -> None:
    room = await house.room()
    tries = [house.join(room, name) for name in ("Ann", "ann", "A n n")]
    came = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in came) == ["Joined", "Refused", "Refused"]
    assert len(await house.workshop.roster.members(room.id)) == 1


async def test_a_class_comes_in_at_once_each_with_a_number_and_an_event(house: House) -> None:
    room = await house.room(capacity=40)
    await asyncio.gather(*(house.join(room, f"Learner {number}") for number in range(50)))
    members = await house.workshop.roster.members(room.id)
    assert [member.number for member in members] == list(range(1, 51))
    assert [member.place for member in members] == [0] * 40 + list(range(1, 11))
    events = await house.workshop.log.since(room.id, 0, 1000)
    assert [event.seq for event in events] == list(range(1, 52))


async def test_who_comes_when_all_seats_are_taken_waits_in_order(house: House) -> None:
    room = await house.room(capacity=2)
    people = await house.people(room, "Ann", "Bob", "Cem", "Dia", "Eve")
    assert [each.place for each in people] == [0, 0, 1, 2, 3]
    await house.workshop.roster.leave(people[3].id, actor=people[3].id)
    await house.workshop.roster.leave(people[0].id, actor="owner")
    places = [each.place for each in await house.workshop.roster.members(room.id)]
    assert places == [0, 0, 0, 0, 1]
    assert (await house.workshop.roster.member(people[4].id)).place == 1
    assert [each.has_left for each in await house.workshop.roster.members(room.id)] == [
        True, False, False, True, False,
    ]  # fmt: skip


async def test_a_larger_room_lets_in_who_waits_and_an_instructor_takes_no_seat(
    house: House,
) -> None:
    room = await house.room(capacity=1)
    await house.workshop.roster.appoint(room.id, "Teacher")
    ann, bob = await house.people(room, "Ann", "Bob")
    assert (ann.place, bob.place) == (0, 1)
    await house.workshop.acts.enlarge(room.id, 2, actor="owner")
    assert (await house.workshop.roster.member(bob.id)).place == 0


async def test_the_token_leads_back_from_another_device_and_is_kept_nowhere(house: House) -> None:
    room = await house.room()
    joined = await house.join(room, "Ann")
    back = await house.workshop.roster.resume(joined.token, address="198.51.100.1")
    assert back.id == joined.member.id
    async with house.store.session() as session:
        row = (await session.scalars(select(MemberRow))).one()
        assert joined.token not in repr(vars(row))


async def test_a_new_token_takes_the_place_of_the_old_one(house: House) -> None:
    joined = await house.join(await house.room(), "Ann")
    token = await house.workshop.roster.new_token(joined.member.id)
    assert (await house.workshop.roster.resume(token, address="")).id == joined.member.id
    with pytest.raises(NotFound, match="not known"):
        await house.workshop.roster.resume(joined.token, address="")


async def test_who_left_comes_back_to_the_end_of_what_is_free(house: House) -> None:
    room = await house.room(capacity=1)
    ann = await house.join(room, "Ann")
    await house.workshop.roster.leave(ann.member.id, actor=ann.member.id)
    (bob,) = await house.people(room, "Bob")
    back = await house.workshop.roster.resume(ann.token, address="")
    assert (bob.place, back.place, back.has_left) == (0, 1, False)


async def test_an_ended_room_takes_nobody_and_lets_its_learners_read(house: House) -> None:
    room = await house.room(ends=START + timedelta(hours=1))
    ann = await house.join(room, "Ann")
    house.clock.pass_(hours=1)
    with pytest.raises(NotAllowed, match="has ended"):
        await house.join(room, "Bob")
    assert (await house.workshop.roster.resume(ann.token, address="")).id == ann.member.id


async def test_guessing_codes_and_tokens_is_stopped_also_before_the_right_one(
    house: House,
) -> None:
    room, roster = await house.room(), house.workshop.roster
    for _ in range(PER_MINUTE // 2):
        with pytest.raises(NotFound):
            await roster.join("ACDE-FGHJ", "Eve", address="203.0.113.1")
        with pytest.raises(NotFound):
            await roster.resume("guess", address="203.0.113.1")
    with pytest.raises(Unavailable, match="too many"):
        await roster.join(room.code, "Eve", address="203.0.113.1")
    await roster.join(room.code, "Ann", address="203.0.113.2")


@pytest.mark.parametrize("takes", [True, False])
async def test_a_graded_room_takes_nobody_whose_cluster_it_cannot_see(
    house: House, takes: bool
) -> None:
    room: Room = await house.room(takes_self_reported=takes)
    if takes:
        assert (await house.join(room, "Ann", self_reported=True)).member.is_self_reported
    else:
        with pytest.raises(Refused, match="cannot look at"):
            await house.join(room, "Ann", self_reported=True)


async def test_consent_is_given_and_taken_back(house: House) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    assert not ann.consents_terminal
    for consents in (True, False):
        await house.workshop.roster.consent(ann.id, consents=consents)
        assert (await house.workshop.roster.member(ann.id)).consents_terminal is consents
    assert (await house.kinds(room))[-2:] == ["member.consented", "member.consented"]


async def test_what_is_asked_at_every_request_is_asked_of_the_database_once(
    house: House,
) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    for _ in range(2):
        await house.workshop.roster.member(ann.id)
        await house.workshop.rooms.get(room.id)
    with counted(house) as asked:
        for _ in range(5):
            await house.workshop.roster.member(ann.id)
            await house.workshop.rooms.get(room.id)
    assert asked == []


async def test_a_change_of_the_room_is_seen_by_whoever_asks_next(house: House) -> None:
    room = await house.room(capacity=1)
    acts, roster = house.workshop.acts, house.workshop.roster
    ann, bob = await house.people(room, "Ann", "Bob")
    for paused in (True, False):
        await (acts.pause if paused else acts.resume)(room.id, actor="owner")
        assert (await house.workshop.rooms.get(room.id)).is_paused is paused
    assert (await roster.member(bob.id)).place == 1
    await roster.leave(ann.id, actor="owner")
    assert ((await roster.member(ann.id)).has_left, (await roster.member(bob.id)).place) == (
        True,
        0,
    )
