"""The room takes each report once, by its own clock, and believes no more than it must."""

import asyncio
from datetime import timedelta

import pytest
from workshop.conftest import START, House
from workshop.course import ONE, TWO
from workshop.reporting.lab import intake_of

from app.errors import NotAllowed, Refused
from app.workshop.model import Member
from app.workshop.reporting.entry import Batch, Entry, ReportedResult

NEVER = START + timedelta(days=4000)  # as a wrong clock of a learner's may say


def found(check: str, passed: bool | None) -> ReportedResult:
    return ReportedResult(
        check=check, title="T", passed=passed, reason="r", message="m", duration_s=0.1
    )


def attempt(seq: int, *passed: bool | None, step: tuple[str, str] = TWO) -> Entry:
    checks = ("exists", "labelled")[: len(passed)]
    results = tuple(found(check, each) for check, each in zip(checks, passed, strict=True))
    return Entry(seq=seq, kind="attempt", at=NEVER, lesson=step[0], step=step[1], results=results)


def opened(seq: int) -> Entry:
    return Entry(seq=seq, kind="opened", at=NEVER, lesson=TWO[0], step=TWO[1])


async def reporter(house: House, **plan: object) -> Member:
    room = await house.room(**plan)
    return (await house.join(room, "Ann", self_reported=True)).member


async def test_an_entry_counts_once_however_often_and_in_which_order_it_comes(
    house: House,
) -> None:
    ann = await reporter(house)
    intake = intake_of(house)
    entries = (opened(1), attempt(2, True, False), attempt(3, True, True))
    assert await intake.take(ann.id, Batch(entries=entries[:2])) == 2
    assert await intake.take(ann.id, Batch(entries=(entries[2], entries[0], entries[2]))) == 1
    assert await intake.take(ann.id, Batch(entries=entries)) == 0
    state = (await house.progress.journey(ann.id)).steps[TWO]
    assert (state.attempts, state.passed, state.first_seen) == (2, START, START)
    events = await house.workshop.log.since(ann.room, 2)
    told = ["check.failed", "report.taken", "step.passed", "report.taken"]
    assert [event.kind for event in events] == told
    assert events[2].data["self_reported"] is True
    assert len(await house.progress.attempts(ann.id, *TWO)) == 2


async def test_of_two_that_come_at_once_one_is_taken(house: House) -> None:
    ann = await reporter(house)
    intakes = [intake_of(house), intake_of(house)]  # as two processes of one site
    batch = Batch(entries=tuple(attempt(seq, True, True) for seq in range(1, 4)))
    await asyncio.gather(
        *(intake.take(ann.id, batch) for intake in intakes), return_exceptions=True
    )
    await intakes[0].take(ann.id, batch)
    assert len(await house.progress.attempts(ann.id, *TWO)) == 3


async def test_a_step_is_not_passed_by_leaving_a_check_out(house: House) -> None:
    ann = await reporter(house)
    for entry in (
        attempt(1, True),
        attempt(1),
        attempt(1, True, step=("gamma", "x")),
        attempt(1, True, True, step=ONE),
    ):
        with pytest.raises(Refused):
            await intake_of(house).take(ann.id, Batch(entries=(opened(5), entry)))
    assert (await house.progress.journey(ann.id)).steps == {}  # not even what came before it


@pytest.mark.parametrize("what", ["graded", "by-browser", "over", "left"])
async def test_a_room_takes_reports_of_its_reporters_alone_while_it_goes_on(
    house: House, what: str
) -> None:
    ann = await reporter(house)
    if what == "graded":
        room = await house.room(takes_self_reported=False)
        (ann,) = await house.people(room, "Ann")
    if what == "by-browser":
        (ann,) = await house.people(await house.room(), "Ann")
    if what == "over":
        await house.workshop.acts.close(ann.room, actor="owner")
    if what == "left":
        await house.workshop.roster.leave(ann.id, actor="owner")
    with pytest.raises(NotAllowed):
        await intake_of(house).take(ann.id, Batch(entries=(opened(1),)))
