"""Help: asked in a line, answered in order, over by itself where the step passes."""

import pytest
from workshop.conftest import House
from workshop.course import ONE, TWO, result

from app.errors import Busy, NotFound, Refused
from app.workshop.help import MOST


async def test_the_queue_is_in_the_order_of_asking(house: House) -> None:
    room, helps = await house.room(), house.workshop.helps
    people = await house.people(room, "Ann", "Bob", "Cem")
    places = [(await helps.ask(each.id, ONE, "Why?")).place for each in people]
    assert places == [1, 2, 3]
    first = (await helps.queue(room.id))[0]
    answered = await helps.answer(first.id, "Look at the label.", actor="owner")
    assert (answered.reply, answered.is_open) == ("Look at the label.", False)
    assert [(each.member, each.place) for each in await helps.queue(room.id)] == [
        (people[1].id, 1),
        (people[2].id, 2),
    ]
    last = await helps.of(people[2].id)
    assert last is not None
    assert last.place == 2


async def test_one_request_of_a_learner_waits_at_a_time(house: House) -> None:
    room, helps = await house.room(), house.workshop.helps
    (ann,) = await house.people(room, "Ann")
    await helps.ask(ann.id, ONE, "")
    with pytest.raises(Busy, match="asked already"):
        await helps.ask(ann.id, TWO, "And here?")
    await helps.withdraw(ann.id)
    assert (await helps.ask(ann.id, TWO, "And here?")).place == 1
    assert [kind for kind in await house.kinds(room) if kind.startswith("help")] == [
        "help.asked",
        "help.withdrawn",
        "help.asked",
    ]


@pytest.mark.parametrize("step", [ONE, TWO])
async def test_help_is_withdrawn_by_itself_when_its_own_step_passes(
    house: House, step: tuple[str, str]
) -> None:
    room, helps = await house.room(), house.workshop.helps
    ann, bob = await house.people(room, "Ann", "Bob")
    for each in (ann, bob):
        await helps.ask(each.id, ONE, "Why?")
    await house.progress.record(ann.id, *step, [result(False)], by_itself=False)
    assert len(await helps.queue(room.id)) == 2
    await house.progress.record(ann.id, *step, [result(True)], by_itself=True)
    still = [each.member for each in await helps.queue(room.id)]
    assert still == ([bob.id] if step == ONE else [ann.id, bob.id])


async def test_an_answer_is_given_once(house: House) -> None:
    room, helps = await house.room(), house.workshop.helps
    (ann,) = await house.people(room, "Ann")
    asked = await helps.ask(ann.id, ONE, "Why?")
    await helps.answer(asked.id, "", actor="owner")
    with pytest.raises(Busy, match="over"):
        await helps.answer(asked.id, "Again", actor="owner")
    with pytest.raises(NotFound):
        await helps.answer(4711, "", actor="owner")


@pytest.mark.parametrize("text", ["x" * (MOST + 1), "two\nlines", "a\u202eb"])
async def test_a_question_is_one_line(house: House, text: str) -> None:
    (ann,) = await house.people(await house.room(), "Ann")
    with pytest.raises(Refused):
        await house.workshop.helps.ask(ann.id, ONE, text)
    assert await house.workshop.helps.of(ann.id) is None
