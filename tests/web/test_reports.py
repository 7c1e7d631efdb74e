"""A lab with a cluster of its own joins a room elsewhere and reports: each thing once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import uvicorn

from app.bus import Bus
from app.cli.serve import listen
from app.errors import Refused, Unavailable
from app.progress.model import SavedResult
from app.progress.queries import Progress
from app.store.engine import Store
from app.web.services import Services
from app.web.site import create_site
from app.workshop.model import Plan, Room
from app.workshop.reporting.pinned import PinnedClient, RoomLink
from app.workshop.reporting.reporter import Reporter
from app.workshop.workshop import utc_now
from web.fakes import make_services
from web.samples import COURSE

STEP = (COURSE.lessons[0].id, COURSE.lessons[0].steps[0].id)


@asynccontextmanager
async def site_of(house: Services, port: int = 0) -> AsyncIterator[str]:
    """Serve a site's rooms on loopback, and give its address."""
    settings = house.settings.model_copy(update={"port": port})
    with listen(settings) as listener:
        server = uvicorn.Server(uvicorn.Config(create_site(house), log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with aiohttp.ClientSession() as client, client.get(f"{address}/healthz"):
                yield address  # it answers, so that its database is there
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def lab(folder: Path) -> AsyncIterator[tuple[Reporter, Progress]]:
    """Give an owner's lab that may report."""
    async with Store(f"sqlite+aiosqlite:///{folder / 'lab.db'}") as store:
        reporter = Reporter(store, Bus(), "owner", utc_now)
        progress = Progress(store, witness=reporter)
        await progress.welcome("owner", "You")
        async with reporter:
            yield reporter, progress


async def room_of(house: Services, **plan: object) -> Room:
    return await house.workshop.rooms.create(Plan("Tuesday", cluster="own", **plan))  # type: ignore[arg-type]


def results() -> list[SavedResult]:
    """Return what all checks of the sample's step found."""
    checks = COURSE.lessons[0].steps[0].checks
    return [SavedResult(each.id, each.title, True, "ok", "So.", "", (), 0.1) for each in checks]


async def test_what_is_done_at_home_stands_on_the_board(tmp_path: Path) -> None:
    house = make_services(tmp_path / "site", COURSE)
    async with site_of(house) as address, lab(tmp_path) as (reporter, progress):
        room = await room_of(house)
        await reporter.join(f"{address}/join?code={room.code}", "", "Ada")
        await reporter.opened(*STEP)
        await progress.record("owner", *STEP, results(), by_itself=False)
        await told(house, room)
        (row,) = (await house.workshop.board(room.id)).rows
        assert row.member.name == "Ada"
        assert row.member.is_self_reported
        assert row.cells[0] == "passed"


async def told(house: Services, room: Room) -> str:
    """Wait until the room's log says that a step has passed, and return whose."""
    async with asyncio.timeout(30), aclosing(house.workshop.log.follow(room.id, 0)) as events:
        async for event in events:
            if event.kind == "step.passed":
                return event.actor
    raise AssertionError("a log that is followed has no end")


async def test_what_happens_while_the_room_is_away_comes_later_once(tmp_path: Path) -> None:
    house = make_services(tmp_path / "site", COURSE)
    async with lab(tmp_path) as (reporter, progress):
        async with site_of(house) as address:
            room = await room_of(house)
            await reporter.join(f"{address}/join?code={room.code}", "", "Ada")
            member = (await house.workshop.roster.members(room.id))[0].id
        await progress.record("owner", *STEP, results(), by_itself=False)
        again = make_services(tmp_path / "site", COURSE)
        async with site_of(again, int(address.rpartition(":")[2])):
            assert await told(again, room) == member
            assert len(await again.progress.attempts(member, *STEP)) == 1


async def test_a_restarted_lab_goes_on_reporting_until_it_leaves(tmp_path: Path) -> None:
    house = make_services(tmp_path / "site", COURSE)
    async with site_of(house) as address:
        room = await room_of(house)
        async with lab(tmp_path) as (reporter, _):
            await reporter.join(f"{address}/join?code={room.code}", "", "Ada")
        async with lab(tmp_path) as (reporter, progress):
            assert reporter.report
            assert reporter.report.room == "Tuesday"
            await progress.record("owner", *STEP, results(), by_itself=False)
            await told(house, room)
            await reporter.leave()
            assert reporter.report is None
        async with lab(tmp_path) as (reporter, _):
            assert reporter.report is None


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"code": "AAAA-AAAA"}, Refused, "No workshop has this code"),
        ({"room": {"takes_self_reported": False}}, Refused, "takes no results"),
        ({"name": "  "}, Refused, "needs a letter"),
        ({"scheme": "ftp"}, Refused, "begins with https"),
        ({"port": "1"}, Unavailable, "does not answer"),
    ],
    ids=["code", "graded", "name", "scheme", "port"],
)
async def test_a_join_that_cannot_be_says_why(
    tmp_path: Path, change: dict[str, object], error: type[Exception], words: str
) -> None:
    house = make_services(tmp_path / "site", COURSE)
    async with site_of(house) as address, lab(tmp_path) as (reporter, _):
        room = await room_of(house, **change.get("room", {}))  # type: ignore[arg-type]
        if "port" in change:
            address = "http://127.0.0.1:1"
        address = address.replace("http", str(change.get("scheme", "http")))
        link = f"{address}/join?code={change.get('code', room.code)}"
        with pytest.raises(error, match=words):
            await reporter.join(link, "", str(change.get("name", "Ada")))
        assert reporter.report is None


async def test_a_report_without_its_token_is_refused(tmp_path: Path) -> None:
    house = make_services(tmp_path / "site", COURSE)
    async with site_of(house) as address:
        room = await room_of(house)
        client = PinnedClient(RoomLink.read(address))
        joined = await client.post(
            "/api/room/join", json.dumps({"code": room.code, "name": "Ada"}).encode(), ""
        )
        assert joined.status == 200
        for token, status in (("", 403), ("guessed", 404)):
            answer = await client.post("/api/room/report", b"{}", token)
            assert answer.status == status
            assert "error" in json.loads(answer.text)
        mine = json.loads(joined.text)["token"]
        answer = await client.post("/api/room/report", b"\x00garbage", mine)
        assert answer.status == 422
        await client.close()
