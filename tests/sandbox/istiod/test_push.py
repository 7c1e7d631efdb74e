"""A push that fails for one proxy keeps no other waiting."""

import pytest
from sandbox.istiod.meshed import Mesh, meshed

from app.sandbox.istiod.envoy.proxies import Proxy, Translator
from app.sandbox.objects import name_of
from app.sandbox.proxy.discovery import Resource

pytestmark = pytest.mark.anyio


class Failing(Translator):
    """Fails for the pods that are named."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def resources(self, proxy: Proxy) -> dict[str, list[Resource]]:
        if name_of(proxy.pod) in self.names:
            raise ValueError("no such shape")
        return dict(super().resources(proxy))


async def _states(mesh: Mesh) -> dict[str, set[str]]:
    return {each.pod: set(each.types.values()) for each in await mesh.istiod.connected()}


async def test_a_proxy_that_cannot_be_told_is_stale_and_the_others_are_told() -> None:
    async with meshed() as mesh:
        failing = mesh.istiod._translator = Failing()
        mesh.service("web", "http")
        bad = await mesh.app("bad", {"app": "bad"})
        good = await mesh.app("good", {"app": "good"})
        await mesh.app("web-1", {"app": "web"})
        await mesh.settled()
        failing.names = {"bad"}
        mesh.route("web", {"hosts": ["web"], "http": [{"directResponse": {"status": 418}}]})
        while (await mesh.ask(good.place, "web")).status != 418:
            pass
        assert (await mesh.ask(bad.place, "web")).status == 200
        states = await _states(mesh)
        assert states["bad"] == {"STALE"}
        assert states["good"] == {"SYNCED"}
        failing.names = set()
        mesh.route("web", {"hosts": ["web"], "http": [{"directResponse": {"status": 417}}]})
        await mesh.settled()
        assert (await mesh.ask(bad.place, "web")).status == 417
