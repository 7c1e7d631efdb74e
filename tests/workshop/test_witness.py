"""An attempt and what the room's log says of it are one transaction."""

import pytest
from workshop.conftest import House
from workshop.course import TWO, result

from app.progress.model import SavedResult
from app.workshop.witness import MOST


async def test_the_room_hears_of_failures_and_of_the_first_pass(house: House) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    first_fails = [result(False, "exists", "x" * 999), result(None, "labelled")]
    for results in (first_fails, [result(None)], [result(True)], [result(True)]):
        await house.progress.record(ann.id, *TWO, results, by_itself=False)
    failed, passed = (await house.workshop.log.since(room.id, 2))[-2:]
    assert (failed.kind, failed.actor, failed.data["check"]) == ("check.failed", ann.id, "exists")
    assert failed.data["message"] == "x" * MOST
    assert (passed.kind, passed.data["step"]) == ("step.passed", "second")
    assert len(await house.kinds(room)) == 4


async def test_who_is_in_no_room_makes_no_event(house: House) -> None:
    room = await house.room()
    await house.progress.welcome("owner", "You")
    await house.progress.record("owner", *TWO, [result(True)], by_itself=False)
    assert await house.kinds(room) == ["room.opened"]


async def test_where_the_log_fails_the_attempt_is_not_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await house.room()
    (ann,) = await house.people(room, "Ann")
    attempt: list[SavedResult] = [result(True)]

    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.workshop.log, "append", broken)
    with pytest.raises(ZeroDivisionError):
        await house.progress.record(ann.id, *TWO, attempt, by_itself=False)
    assert (await house.progress.journey(ann.id)).steps == {}
