"""Outgoing HTTPS: to the room that was named, by the certificate that was shown."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from app.auth.certificate import Certificate, own_certificate
from app.errors import NotAllowed, Refused, Unavailable
from app.workshop.reporting.pinned import PinnedClient, RoomLink


@dataclass
class Room:
    """A server on loopback, and what it was sent."""

    url: str
    fingerprint: str
    seen: list[tuple[str, str, bytes]]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Room]:
    made: Certificate = own_certificate(folder, ["127.0.0.1"], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.file, made.key)
    seen: list[tuple[str, str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers["Authorization"], await request.read()))
        if request.path == "/away":
            return web.Response(status=307, headers={"Location": "https://elsewhere.example/"})
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield Room(f"https://127.0.0.1:{port}", made.fingerprint, seen)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(link: RoomLink) -> AsyncIterator[PinnedClient]:
    made = PinnedClient(link)
    try:
        yield made
    finally:
        await made.close()


async def test_a_self_made_certificate_is_known_by_its_fingerprint(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        async with client(RoomLink.read(room.url + "/join?code=x", room.fingerprint)) as posts:
            answer = await posts.post("/report", b"{}", "secret")
        assert (answer.status, answer.text) == (200, "ok")
        assert room.seen == [("/report", "Bearer secret", b"{}")]


@pytest.mark.parametrize("fingerprint", ["", "00" * 32])
async def test_nothing_is_sent_where_the_certificate_is_another(
    tmp_path: Path, fingerprint: str
) -> None:
    async with serving(tmp_path) as room:
        async with client(RoomLink.read(room.url, fingerprint)) as posts:
            with pytest.raises(NotAllowed, match="certificate is not the expected"):
                await posts.post("/report", b"{}", "secret")
        assert room.seen == []


async def test_a_token_does_not_follow_the_room_to_another_host(tmp_path: Path) -> None:
    async with serving(tmp_path) as room:
        link = RoomLink.read(room.url, room.fingerprint)
        async with client(link) as posts:
            answer = await posts.post("/away", b"{}", "secret")
        assert answer.status == 307


async def test_a_room_that_is_not_there_is_a_matter_of_trying_again() -> None:
    async with client(RoomLink.read("http://127.0.0.1:9")) as posts:
        with pytest.raises(Unavailable, match="does not answer"):
            await posts.post("/report", b"{}", "secret")


@pytest.mark.parametrize(
    "url",
    [
        "http://lab.example",
        "ftp://lab.example",
        "lab.example",
        "",
        "https://a:b@lab.example",
        "https://",
    ],
)
def test_a_token_goes_nowhere_in_plain_text(url: str) -> None:
    with pytest.raises(Refused):
        RoomLink.read(url)


@pytest.mark.parametrize("mark", ["xyz", "00" * 31, "AB:CD"])
def test_a_mistyped_fingerprint_is_said(mark: str) -> None:
    with pytest.raises(Refused, match="32 pairs"):
        RoomLink.read("https://lab.example", mark)
