"""From a learner's own lab to the room: nothing lost or doubled, whatever the network does."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from workshop.conftest import Clock, House
from workshop.course import ONE, TWO, result
from workshop.reporting.lab import Closed, Fault, Lab, Network, intake_of, open_lab

from app.workshop.reporting.sender import Sender, Sending

FAULTS: Sequence[Fault] = ("lost", "answer-lost", "busy")


async def until(sender: Sender, word: str) -> None:
    """Return once the sender says so."""
    async with asyncio.timeout(60):
        while sender.sending.word != word:  # noqa: ASYNC110  # it tells nobody but who asks
            await asyncio.sleep(0.002)


async def emptied(lab: Lab) -> None:
    """Return once nothing waits to be sent."""
    async with asyncio.timeout(60):
        while await lab.outbox.waiting():  # noqa: ASYNC110  # so, too
            await asyncio.sleep(0.002)


async def reporter(house: House) -> str:
    return (await house.join(await house.room(), "Ann", self_reported=True)).member.id


async def work(lab: Lab, times: int) -> None:
    """Open a step, fail at it some times, then pass."""
    await lab.outbox.opened(*ONE)
    await lab.progress.open("owner", *ONE)
    for _ in range(times):
        await lab.progress.record("owner", *ONE, [result(False)], by_itself=False)
    await lab.progress.record("owner", *ONE, [result(True)], by_itself=True)


@pytest.mark.parametrize("faults", [(), FAULTS, ("answer-lost", "lost", "answer-lost", "busy")])
async def test_what_was_done_is_in_the_room_once(
    house: House, tmp_path: Path, clock: Clock, faults: Sequence[Fault]
) -> None:
    ann = await reporter(house)
    network = Network(intake_of(house), ann, faults)
    async with open_lab(tmp_path, clock) as lab:
        await work(lab, 3)
        async with Sender(lab.outbox, lab.bus, network, "token", first_s=0.001) as sender:
            await emptied(lab)
            await until(sender, "sent")
    state = (await house.progress.journey(ann)).steps[ONE]
    assert (state.attempts, state.passed is not None) == (3, True)
    assert len(await house.progress.attempts(ann, *ONE)) == 4
    assert network.posts == len(faults) + 1


async def test_what_is_done_while_the_sender_waits_is_sent_at_once(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    ann = await reporter(house)
    async with open_lab(tmp_path, clock) as lab:
        network = Network(intake_of(house), ann)
        async with Sender(lab.outbox, lab.bus, network, "token") as sender:
            await until(sender, "sent")
            await work(lab, 1)
            await emptied(lab)
    assert len(await house.progress.attempts(ann, *ONE)) == 2


async def test_a_lab_that_was_ended_sends_the_rest_when_it_is_back(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    ann = await reporter(house)
    intake = intake_of(house)
    async with open_lab(tmp_path, clock) as lab:
        await work(lab, 2)
        async with Sender(lab.outbox, lab.bus, Network(intake, ann, ["lost"] * 99), "t") as sender:
            await until(sender, "waiting")
    async with open_lab(tmp_path, clock) as lab:
        await lab.progress.record("owner", *TWO, [result(False)] * 1, by_itself=False)
        entries = await lab.outbox.waiting()
        assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]


async def test_a_long_outage_is_sent_in_batches(house: House, tmp_path: Path, clock: Clock) -> None:
    ann = await reporter(house)
    network = Network(intake_of(house), ann, ["answer-lost"])
    async with open_lab(tmp_path, clock) as lab:
        for _ in range(7):
            await lab.outbox.opened(*ONE)
        sender = Sender(lab.outbox, lab.bus, network, "token", first_s=0.001, batch=3)
        async with sender:
            await emptied(lab)
    assert network.posts == 4


async def test_a_room_that_takes_nothing_from_here_is_not_asked_again(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    ann = await reporter(house)
    await house.workshop.roster.leave(ann, actor="owner")
    async with open_lab(tmp_path, clock) as lab:
        await work(lab, 1)
        network = Network(intake_of(house), ann)
        async with Sender(lab.outbox, lab.bus, network, "token", first_s=0.001) as sender:
            await until(sender, "ended")
        assert "403" in sender.sending.why
        async with Sender(lab.outbox, lab.bus, Closed(), "token") as sender:
            await until(sender, "ended")
        assert sender.sending == Sending("ended", sender.sending.why)
        assert "certificate" in sender.sending.why
        assert len(await lab.outbox.waiting()) == 3  # kept, should it be let in again
    assert network.posts == 1
