"""Policies about callers' addresses: each proxy is told who connects, with a proxy or without."""

from collections.abc import AsyncIterator

import pytest
from sandbox.istiod.meshed import SECURITY, App, Mesh, meshed

from app.sandbox.objects import Json, Obj

pytestmark = pytest.mark.anyio


class Asking:
    """A mesh with two callers with sidecars, one without, and a program."""

    def __init__(self, mesh: Mesh, callers: dict[str, App]) -> None:
        self.mesh = mesh
        self.callers = callers

    async def under(self, *rules: Obj, action: str = "ALLOW") -> None:
        spec: Obj = {"action": action, "rules": list[Json](rules)}
        self.mesh.put(f"{SECURITY}/v1", "AuthorizationPolicy", "p", spec=spec)
        await self.mesh.settled()

    async def let_in(self, **headers: str) -> set[str]:
        """Return the callers whose requests are answered."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return {
            name
            for name, app in self.callers.items()
            if (await self.mesh.ask(app.place, "web", headers=named)).status == 200
        }


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with meshed() as mesh:
        mesh.service("web", "http")
        callers = {
            "one": await mesh.app("one", {"app": "one"}),
            "two": await mesh.app("two", {"app": "two"}),
            "plain": await mesh.app("plain", {"app": "plain"}, is_proxied=False),
        }
        await mesh.app("web-1", {"app": "web"})
        pool = {"http": {"maxRequestsPerConnection": 1}}
        mesh.rule("web", {"host": "web", "trafficPolicy": {"connectionPool": pool}})
        await mesh.settled()
        yield Asking(mesh, callers)


def _from(**source: Json) -> Obj:
    return {"from": [{"source": source}]}


async def test_an_address_lets_in_the_pod_that_has_it(asking: Asking) -> None:
    for name, app in asking.callers.items():
        await asking.under(_from(ipBlocks=[app.place.ip]))
        assert await asking.let_in() == {name}
        await asking.under(_from(ipBlocks=[f"{app.place.ip}/32"]), action="DENY")
        assert await asking.let_in() == set(asking.callers) - {name}


async def test_under_plain_text_addresses_are_told_all_the_same(asking: Asking) -> None:
    asking.mesh.peers("DISABLE")
    await asking.under(_from(ipBlocks=[asking.callers["two"].place.ip]))
    assert await asking.let_in() == {"two"}


async def test_a_remote_address_is_the_one_that_a_header_tells(asking: Asking) -> None:
    await asking.under(_from(remoteIpBlocks=["192.0.2.0/24"]))
    assert await asking.let_in() == set()
    assert await asking.let_in(x_forwarded_for="192.0.2.7") == set(asking.callers)


async def test_a_direct_address_is_not_the_one_that_a_header_tells(asking: Asking) -> None:
    await asking.under(_from(ipBlocks=["192.0.2.0/24"]))
    assert await asking.let_in(x_forwarded_for="192.0.2.7") == set()


async def test_what_is_shown_has_istios_shape(asking: Asking) -> None:
    await asking.under(_from(ipBlocks=["10.1.0.0/16"]))
    web = asking.mesh.network.places.find(asking.callers["one"].place.ip)
    assert web is not None
    said = str(await asking.mesh.dump(web, "/config_dump?include_eds"))
    assert "direct_remote_ip" in said
    for ours in ("'source_ip':", "upstream_proxy_protocol", "told", "allow_requests_without"):
        assert ours not in said


async def test_a_gateways_address_is_known_by_its_identity(asking: Asking) -> None:
    mesh = asking.mesh
    place = await mesh.gateway()
    pod = mesh.store.get("pods", "gw", "istio-system")
    assert pod is not None
    container: Obj = {"name": "istio-proxy", "args": ["proxy", "router"]}
    spec: Obj = {"containers": [container]}
    mesh.store.update({**pod, "spec": spec, "status": {"podIP": place.ip}})
    server: Obj = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    chosen: Obj = {"istio": "ingressgateway"}
    mesh.put(
        "networking.istio.io/v1", "Gateway", "g", spec={"selector": chosen, "servers": [server]}
    )
    to: Json = [{"route": [{"destination": {"host": "web"}}]}]
    mesh.route("web", {"hosts": ["web.example"], "gateways": ["g"], "http": to})
    await asking.under(_from(ipBlocks=[place.ip]))
    plain = asking.callers["plain"].place
    assert (await mesh.ask(plain, place.ip, port=8080, name="web.example")).status == 200
    assert await asking.let_in() == set()
    await asking.under(_from(remoteIpBlocks=[plain.ip]))
    assert (await mesh.ask(plain, place.ip, port=8080, name="web.example")).status == 200
