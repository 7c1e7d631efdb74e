"""A room over real sandboxes: one for each learner, which outlives the site's restart."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import uvicorn
from visitor import Visitor

from app.auth.access import Access
from app.cli.lab import House, open_house
from app.cli.serve import listen
from app.clusters.sandbox import SandboxProvider
from app.commands.runner import Runner
from app.settings import Settings
from app.web.assemble import assemble
from app.web.site import create_site
from app.workshop.model import Plan

pytestmark = pytest.mark.sandbox

STEP = ("namespace", "create")


@dataclass
class Site:
    """A site that is served, with what it is made of, and who has joined by name."""

    house: House
    origin: str
    port: int


@asynccontextmanager
async def served(folder: Path, port: int = 0) -> AsyncIterator[Site]:
    """Serve a lab's rooms; its sandboxes go on when it ends."""
    settings = Settings(data_dir=folder, port=port, kubeconfig=Path(os.devnull))
    with listen(settings) as listener:
        port = listener.getsockname()[1]
        settings = settings.model_copy(update={"port": port})
        async with open_house(settings) as house:
            site = create_site(
                assemble(house.lab, Access(b"k" * 32), house.workshop, house.reporter)
            )
            server = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            origin = f"http://127.0.0.1:{port}"
            async with httpx2.AsyncClient() as client:
                await client.get(f"{origin}/healthz")
            try:
                yield Site(house, origin, port)
            finally:
                server.should_exit = True
                await serving


@asynccontextmanager
async def browser(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    limits = httpx2.Timeout(60, read=300)
    async with httpx2.AsyncClient(base_url=site.origin, timeout=limits) as client:
        yield client


async def joined(site: Site, client: httpx2.AsyncClient, code: str, name: str) -> Visitor:
    """Join as a learner's browser would."""
    answer = await client.post(
        "/join", data={"code": code, "name": name}, headers={"Origin": site.origin}
    )
    assert answer.status_code == 303, answer.text
    visitor = Visitor(client, site.origin)
    await visitor.page("/room")
    return visitor


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder whose sandboxes are ended with the test."""
    yield tmp_path
    async with Runner() as runner:
        kept = [*(tmp_path / "rooms" / "sandboxes").iterdir()]
        await asyncio.gather(*(SandboxProvider(each, runner).stop() for each in kept))


async def test_two_learners_have_a_cluster_each_and_a_restart_loses_nothing(folder: Path) -> None:
    async with served(folder) as site:
        room = await site.house.workshop.rooms.create(Plan("Tuesday", capacity=4))
        async with browser(site) as first, browser(site) as second:
            ada = await joined(site, first, room.code, "Ada")
            bea = await joined(site, second, room.code, "Bea")
            made, none = await asyncio.gather(
                ada.run(*STEP, line="kubectl create namespace mesh-demo"),
                bea.run(*STEP, line="kubectl get namespaces"),
            )
            assert made.code == 0, made.output
            assert "mesh-demo" not in none.output
            seen = await ada.check(*STEP)
            assert {check.mood for check in seen.values()} == {"passed"}
            token = await site.house.workshop.roster.new_token(
                (await site.house.workshop.roster.members(room.id))[0].id
            )
            cookies = httpx2.Cookies(first.cookies)
        (row, _) = (await site.house.workshop.board(room.id)).rows
        assert row.steps_passed == 1
    async with served(folder, site.port) as again, browser(again) as same, browser(again) as other:
        same.cookies = cookies
        ada = Visitor(same, again.origin)
        await ada.page("/room")
        found = await ada.run(*STEP, line="kubectl get namespace mesh-demo")
        assert "Active" in found.output
        assert (await other.get(f"/resume?token={token}")).status_code == 200
        assert "Ada" in await Visitor(other, again.origin).page("/room")


async def test_a_sandbox_that_was_killed_is_told_on_the_board_and_comes_back(folder: Path) -> None:
    async with served(folder) as site:
        shop = site.house.workshop
        room = await shop.rooms.create(Plan("Tuesday", capacity=4))
        async with browser(site) as client:
            ada = await joined(site, client, room.code, "Ada")
            made = await ada.run(*STEP, line="kubectl get nodes")
            assert made.code == 0, made.output
            (member,) = await shop.roster.members(room.id)
            kill(await shop.seats.seat(member.id))
            await told(site, room.id, "sandbox.died")
            back = await ada.run(*STEP, line="kubectl get nodes")
            assert back.code == 0, back.output


async def test_the_instructor_solves_a_step_on_a_learners_cluster(folder: Path) -> None:
    async with served(folder) as site:
        shop = site.house.workshop
        room = await shop.rooms.create(Plan("Tuesday", capacity=4))
        async with browser(site) as client, browser(site) as other:
            ada = await joined(site, client, room.code, "Ada")
            (member,) = await shop.roster.members(room.id)
            token = (await shop.roster.appoint(room.id, "Ines")).token
            assert (await other.get(f"/resume?token={token}")).status_code == 200
            ines = Visitor(other, site.origin)
            await ines.page(f"/rooms/{room.id}")
            said = await ines.post(f"/rooms/{room.id}/members/{member.id}/solve", at="/".join(STEP))
            assert "Solved for 1 of 1" in said.text
            found = await ada.run(*STEP, line="kubectl get namespace mesh-demo")
            assert "Active" in found.output


def kill(folder: Path) -> None:
    """End a sandbox as a machine in trouble would."""
    os.kill(int(json.loads((folder / "state.json").read_text())["pid"]), signal.SIGKILL)


async def told(site: Site, room: str, kind: str) -> None:
    """Wait until the room's log tells of something."""
    async with asyncio.timeout(60):
        async for event in site.house.workshop.log.follow(room, 0):
            if event.kind == kind:
                return
