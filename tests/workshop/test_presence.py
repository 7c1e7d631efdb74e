"""Who is here: by an open stream, or by a request of a moment ago."""

from workshop.conftest import START, House

from app.workshop.presence import ONLINE_S


async def test_a_stream_keeps_its_member_here_and_a_request_for_a_while(house: House) -> None:
    presence = house.workshop.presence
    (ann,) = await house.people(await house.room(), "Ann")
    assert not presence.is_online(ann.id)
    async with presence.stream(ann.id), presence.stream(ann.id):
        house.clock.pass_(hours=1)
        assert presence.is_online(ann.id)
    house.clock.pass_(seconds=ONLINE_S - 1)
    assert presence.online([ann.id, "nobody"]) == {ann.id}
    house.clock.pass_(seconds=1)
    assert not presence.is_online(ann.id)


async def test_the_database_is_written_now_and_then(house: House) -> None:
    workshop = house.workshop
    (ann,) = await house.people(await house.room(), "Ann")
    await workshop.presence.seen(ann.id)
    house.clock.pass_(seconds=10)
    await workshop.presence.seen(ann.id)
    assert (await workshop.roster.member(ann.id)).last_seen == START
    now = house.clock.pass_(seconds=30)
    await workshop.presence.seen(ann.id)
    assert (await workshop.roster.member(ann.id)).last_seen == now
