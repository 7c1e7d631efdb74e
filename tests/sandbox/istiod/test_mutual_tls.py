"""Who proves what to whom: modes of a server, and what its callers do by themselves."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sandbox.istiod.meshed import Mesh, meshed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mesh() -> AsyncIterator[Mesh]:
    async with meshed() as made:
        made.service("web", "http")
        yield made


async def test_strict_refuses_plain_text_and_takes_the_mesh(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    outside = await mesh.app("outside", {"app": "outside"}, is_proxied=False)
    await mesh.app("web-1", {"app": "web"})
    await mesh.settled()
    assert (await mesh.ask(outside.place, "web")).status == 200
    mesh.peers("STRICT")
    await mesh.settled()
    with pytest.raises((OSError, asyncio.IncompleteReadError)):
        await mesh.ask(outside.place, "web")
    assert (await mesh.ask(client.place, "web")).status == 200
    assert mesh.peers("PERMISSIVE")
    await mesh.settled()
    assert (await mesh.ask(outside.place, "web")).status == 200


async def test_disable_makes_clients_ask_in_plain_text(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    mesh.peers("DISABLE")
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).status == 200
    assert "x-forwarded-client-cert" not in web.heard[0]


async def test_plain_text_by_rule_is_refused_by_a_strict_server(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    await mesh.app("web-1", {"app": "web"})
    mesh.peers("STRICT")
    mesh.rule("web", {"host": "web", "trafficPolicy": {"tls": {"mode": "DISABLE"}}})
    await mesh.settled()
    assert (await mesh.ask(client.place, "web")).status == 503


async def test_a_request_goes_through_both_sidecars_with_proved_identities(mesh: Mesh) -> None:
    client = await mesh.app("client", {"app": "client"})
    web = await mesh.app("web-1", {"app": "web"})
    await mesh.settled()
    answer = await mesh.ask(client.place, "web")
    assert (answer.status, answer.body) == (200, "web-1")
    proof = web.heard[0]["x-forwarded-client-cert"]
    assert "URI=spiffe://cluster.local/ns/demo/sa/client" in proof
    assert "By=spiffe://cluster.local/ns/demo/sa/web" in proof
