"""A lab joins a room by its link, reports from then on, and goes on after a restart."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from workshop.conftest import Clock, House
from workshop.course import ONE, result
from workshop.reporting.lab import intake_of

from app.bus import Bus
from app.errors import AppError, NotAllowed, Refused, Unavailable
from app.progress.queries import Progress
from app.store.engine import Store
from app.workshop.model import Room
from app.workshop.reporting.entry import read_batch
from app.workshop.reporting.pinned import Answer, RoomLink
from app.workshop.reporting.reporter import JOIN, Client, Reporter
from app.workshop.witnesses import Witnesses

MARK = ":".join(["AB"] * 32)


class Site:
    """The room's site as a lab reaches it: the two routes, without HTTP."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.intake = intake_of(house)
        self.links: list[RoomLink] = []

    def connect(self, link: RoomLink) -> Client:
        self.links.append(link)
        return self

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        try:
            return Answer(200, json.dumps(await self._answer(path, body, token)))
        except AppError as error:
            return Answer(error.status, json.dumps({"error": str(error), "hint": error.hint}))

    async def _answer(self, path: str, body: bytes, token: str) -> dict[str, object]:
        roster = self.house.workshop.roster
        if path == JOIN:
            asked = json.loads(body)
            joined = await roster.join(**asked, address="192.0.2.9", self_reported=True)
            room = await self.house.workshop.rooms.get(joined.member.room)
            about = {"name": room.plan.name}
            return {"token": joined.token, "member": joined.member.id, "room": about}
        member = await roster.of_token(token, address="192.0.2.9")
        return {"taken": await self.intake.take(member.id, read_batch(body))}

    async def close(self) -> None:
        """Nothing is open."""


def link(room: Room) -> str:
    return f"https://lab.example:8765/join?code={room.code}"


@asynccontextmanager
async def open_lab(
    folder: Path, clock: Clock, connect: Callable[[RoomLink], Client]
) -> AsyncIterator[tuple[Reporter, Progress]]:
    bus = Bus()
    async with (
        Store(f"sqlite+aiosqlite:///{folder / 'lab.db'}") as store,
        Reporter(store, bus, "owner", clock, connect) as reporter,
    ):
        progress = Progress(store, clock, Witnesses(reporter))
        for learner in ("owner", "somebody"):
            await progress.welcome(learner, "You")
        yield reporter, progress


async def arrived(house: House, member: str, attempts: int) -> None:
    """Return once the room has that many attempts of a member."""
    async with asyncio.timeout(60):
        while len(await house.progress.attempts(member, *ONE)) < attempts:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_is_done_in_the_lab_is_on_the_board_also_after_a_restart(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    room, site = await house.room(), Site(house)
    async with open_lab(tmp_path, clock, site.connect) as (reporter, progress):
        await progress.record("owner", *ONE, [result(False)], by_itself=False)  # of before
        await reporter.join(link(room), MARK, "Ann")
        joined = reporter.report
        assert joined
        assert (joined.name, joined.room, joined.url) == (
            "Ann", "Monday", "https://lab.example:8765",
        )  # fmt: skip
        (ann,) = await house.workshop.roster.members(room.id)
        await progress.record("somebody", *ONE, [result(False)], by_itself=False)
        await progress.record("owner", *ONE, [result(False)], by_itself=False)
        await arrived(house, ann.id, 1)
    async with open_lab(tmp_path, clock, site.connect) as (reporter, progress):
        assert reporter.report
        await reporter.opened(*ONE)
        await progress.record("owner", *ONE, [result(True)], by_itself=False)
        await arrived(house, ann.id, 2)
        await reporter.leave()
        await progress.record("owner", *ONE, [result(True)], by_itself=False)
        assert reporter.report is None
    async with open_lab(tmp_path, clock, site.connect) as (reporter, _):
        assert reporter.report is None
    assert len(await house.progress.attempts(ann.id, *ONE)) == 2
    (row,) = (await house.workshop.board(room.id)).rows
    assert row.member.is_self_reported
    assert row.cells[0] == "passed"
    assert {each.fingerprint for each in site.links} == {"ab" * 32}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404, '{"error": "No workshop has this code."}'), Refused),
        (Answer(403, "<html>"), NotAllowed),
        (Answer(422, '{"error": "Taken.", "hint": "“Ann 2” is free."}'), Refused),
        (Answer(503, "{}"), Unavailable),
        (Answer(200, "<html>another program</html>"), Refused),
        (Answer(200, '{"token": 1}'), Refused),
    ],
)
async def test_a_room_that_does_not_let_in_leaves_nothing_behind(
    tmp_path: Path, clock: Clock, answer: Answer, error: type[AppError]
) -> None:
    class Other:
        async def post(self, path: str, body: bytes, token: str) -> Answer:
            return answer

        async def close(self) -> None:
            return None

    async with open_lab(tmp_path, clock, lambda _: Other()) as (reporter, _):
        with pytest.raises(error):
            await reporter.join("https://lab.example/join?code=x", "", "Ann")
        assert reporter.report is None
