"""Learners and instructors are kept apart: by trying to see and to touch what is another's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from app.web.render import Pages
from app.web.roomstream import banners
from app.web.services import Services
from app.web.site import create_site
from app.workshop.model import Plan, Room
from app.workshop.workshop import utc_now
from web.rooms import with_rooms
from web.samples import COURSE

ORIGIN = "http://localhost:8765"
STEP = ("canary", "split")


@dataclass
class Visitor:
    """A browser of somebody in the site."""

    client: httpx2.AsyncClient
    id: str

    async def get(self, path: str) -> httpx2.Response:
        return await self.client.get(path)

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        return await self.client.post(path, data=fields)


@dataclass
class Site:
    """Two rooms: Ada and Bea in the first, Cyd in the second, and an instructor in each."""

    house: Services
    first: Room
    second: Room
    people: dict[str, Visitor]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    house = with_rooms(utc_now)(tmp_path, COURSE)
    app = create_site(house, Pages())
    shop, people = house.workshop, {}
    async with app.router.lifespan_context(app):
        first = await shop.rooms.create(Plan("first"))
        second = await shop.rooms.create(Plan("second"))
        for name, room in (("Ada", first), ("Bea", first), ("Cyd", second)):
            joined = await shop.roster.join(room.code, name, f"{name}@x", address="127.0.0.1")
            people[name] = visitor(app, house, joined.member.id)
        for name, room in (("Ines", first), ("Jon", second)):
            people[name] = visitor(app, house, (await shop.roster.appoint(room.id, name)).member.id)
        yield Site(house, first, second, people)
        for each in people.values():
            await each.client.aclose()


def visitor(app: object, house: Services, id_: str) -> Visitor:
    """Return a browser with this person's cookie and mark."""
    cookie = house.access.open(id_)
    holder = house.access.who(cookie)
    assert holder
    return Visitor(
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),  # type: ignore[arg-type]
            base_url=ORIGIN,
            cookies={"mesh-dojo-8765": cookie},
            headers={"origin": ORIGIN, "x-csrf-token": house.access.csrf(holder)},
        ),
        id_,
    )


async def test_a_learner_sees_nothing_of_a_run_of_another(site: Site) -> None:
    ada, bea = site.people["Ada"], site.people["Bea"]
    run = site.house.runs.begin(*STEP, "kubectl get pods", learner=ada.id)  # type: ignore[attr-defined]
    assert (await ada.get(f"/runs/{run.id}")).status_code == 200
    for path in (f"/runs/{run.id}", f"/runs/{run.id}/output.txt"):
        assert (await bea.get(path)).status_code == 404
    assert (await bea.post(f"/runs/{run.id}/stop")).status_code == 404
    assert not (await site.house.runs.get(ada.id, run.id)).is_over


@pytest.mark.parametrize("name", ["Ada", "Jon"])
async def test_a_room_is_open_to_its_own_instructor_alone(site: Site, name: str) -> None:
    other, ada, room = site.people[name], site.people["Ada"], site.first.id
    member = f"/rooms/{room}/members/{ada.id}"
    refused = {403, 404}
    reads = ("", "/live", "/door", "/log.jsonl", "/results.csv", "/results.json")
    for path in (*(f"/rooms/{room}{end}" for end in reads), member, f"{member}/live"):
        assert (await other.get(path)).status_code in refused, path
    acts = {
        f"/rooms/{room}/say": {"text": "x"},
        f"/rooms/{room}/pause": {},
        f"/rooms/{room}/close": {},
        f"/rooms/{room}/steps": {"lesson": STEP[0], "step": STEP[1], "act": "reveal"},
        f"{member}/solve": {"at": "canary/split"},
        f"{member}/sandbox": {"act": "reset"},
        f"{member}/link": {},
        f"{member}/erase": {},
    }
    before = (await site.house.workshop.rooms.get(room)).last_seq
    for path, fields in acts.items():
        assert (await other.post(path, **fields)).status_code in refused, path
    assert (await site.house.workshop.rooms.get(room)).last_seq == before


async def test_an_instructor_cannot_reach_into_another_room_through_the_own_one(
    site: Site,
) -> None:
    shop, jon, ada = site.house.workshop, site.people["Jon"], site.people["Ada"]
    asked = await shop.helps.ask(ada.id, STEP, "mine")
    note = await shop.notes.send(site.first.id, "hers", actor="owner")
    own = f"/rooms/{site.second.id}"
    assert (await jon.get(own)).status_code == 200
    assert (await jon.get(f"{own}/members/{ada.id}")).status_code == 404
    assert (await jon.post(f"{own}/members/{ada.id}/link")).status_code == 404
    assert (await jon.post(f"{own}/help/{asked.id}", reply="x")).status_code == 404
    assert (await jon.post(f"{own}/notes/{note.id}/withdraw")).status_code == 404
    assert (await shop.helps.queue(site.first.id))[0].id == asked.id
    assert len(await shop.notes.standing(site.first.id)) == 1


async def test_what_stands_above_a_page_is_of_the_own_room_and_of_oneself(site: Site) -> None:
    shop, pages = site.house.workshop, Pages()
    cyd = site.people["Cyd"]
    found = await site.house.people.find(site.house.access.who(site.house.access.open(cyd.id)))  # type: ignore[arg-type]
    assert found
    services = await site.house.seats.services(found)
    assert services.attendance
    async with aclosing(banners(services.attendance, pages)) as told:
        first = await anext(told)
        await shop.notes.send(site.first.id, "for the first room", actor="owner")
        await shop.helps.ask(site.people["Ada"].id, STEP, "Ada's question")
        await shop.notes.send(site.second.id, "for the second room", actor="owner")
        async with asyncio.timeout(30):
            second = await anext(told)
    assert "second" in first
    assert "for the second room" in second
    for words in ("first room", "Ada"):
        assert words not in first + second


async def test_no_page_of_a_learner_names_another_nor_their_address(site: Site) -> None:
    ada = site.people["Ada"]
    for path in ("/", "/progress", "/settings", "/room", "/room/record", "/lessons/canary/split"):
        page = await ada.get(path)
        assert page.status_code == 200, path
        for words in ("Bea", "Cyd", "Bea@x", "192.168.49.2", "shop-prod"):
            assert words not in page.text, (path, words)


async def test_the_owners_clusters_and_links_are_not_a_learners(site: Site) -> None:
    ada = site.people["Ada"]
    for path in ("/preflight", "/rooms", "/reporting"):
        assert (await ada.get(path)).status_code == 403
    assert (await ada.post("/settings/context", context="shop-prod-eu")).status_code == 403
    assert (await ada.post("/settings/link")).status_code == 403


async def test_a_deleted_learners_session_and_link_are_worth_nothing(site: Site) -> None:
    shop, ada = site.house.workshop, site.people["Ada"]
    token = await shop.roster.new_token(ada.id)
    await shop.erasure.erase_member(ada.id, actor="owner")
    answer = await ada.client.get(f"/resume?token={token}")
    assert answer.status_code == 404
    record = await shop.records.room(site.first.id)
    assert "Ada" not in {each.member.name for each in record.members}


async def test_a_link_leaves_no_token_in_the_address_and_works_for_a_second_device(
    site: Site,
) -> None:
    ada, bea = site.people["Ada"], site.people["Bea"]
    shown = await ada.post("/room/link")
    link = shown.text.partition('<code id="link">')[2].partition("<")[0]
    assert "/resume?token=" in link
    there = await bea.client.get(link)
    assert there.status_code == 200
    assert 'url=/room"' in there.text
    assert "token" not in there.text.partition("</head>")[2]
