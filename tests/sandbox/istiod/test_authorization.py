"""AuthorizationPolicies let in whom they say, and nobody else."""

from collections.abc import AsyncIterator

import pytest
from sandbox.istiod.meshed import SECURITY, App, Mesh, meshed

from app.sandbox.objects import Json

pytestmark = pytest.mark.anyio
DENIED = (403, "RBAC: access denied")


class Asking:
    """A mesh with a caller and a program."""

    def __init__(self, mesh: Mesh, client: App) -> None:
        self.mesh = mesh
        self.client = client

    async def under(self, **spec: Json) -> None:
        """Put a policy, and wait until proxies obey it."""
        self.mesh.put(f"{SECURITY}/v1", "AuthorizationPolicy", "p", spec=spec)
        await self.mesh.settled()

    async def answer(self, path: str = "/", **how: object) -> tuple[int, str]:
        """Ask; return status and body."""
        found = await self.mesh.ask(self.client.place, "web", path, **how)  # type: ignore[arg-type]
        return found.status, found.body


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with meshed() as mesh:
        mesh.service("web", "http")
        client = await mesh.app("client", {"app": "client"})
        await mesh.app("web-1", {"app": "web"})
        # an open connection keeps the policies that it began with: each request has its own here
        pool = {"http": {"maxRequestsPerConnection": 1}}
        mesh.rule("web", {"host": "web", "trafficPolicy": {"connectionPool": pool}})
        await mesh.settled()
        yield Asking(mesh, client)


async def test_an_empty_policy_lets_nobody_in(asking: Asking) -> None:
    assert await asking.answer() == (200, "web-1")
    await asking.under()
    assert await asking.answer() == DENIED


async def test_an_empty_rule_lets_everybody_in(asking: Asking) -> None:
    await asking.under(rules=[{}])
    assert await asking.answer() == (200, "web-1")


async def test_a_principal_is_let_in_for_a_method_and_a_path(asking: Asking) -> None:
    source = {"source": {"principals": ["cluster.local/ns/demo/sa/client"]}}
    operation = {"operation": {"methods": ["GET"], "paths": ["/info*"]}}
    await asking.under(rules=[{"from": [source], "to": [operation]}])
    assert await asking.answer("/info/1") == (200, "web-1")
    assert await asking.answer("/other") == DENIED
    assert await asking.answer("/info/1", method="POST") == DENIED


async def test_another_principal_is_not_let_in(asking: Asking) -> None:
    source = {"source": {"principals": ["cluster.local/ns/demo/sa/other"]}}
    await asking.under(rules=[{"from": [source]}])
    assert await asking.answer() == DENIED


async def test_a_namespace_is_known_by_the_certificate(asking: Asking) -> None:
    await asking.under(rules=[{"from": [{"source": {"namespaces": ["demo"]}}]}])
    assert await asking.answer() == (200, "web-1")
    await asking.under(rules=[{"from": [{"source": {"notNamespaces": ["demo"]}}]}])
    assert await asking.answer() == DENIED


async def test_a_denial_counts_before_what_allows(asking: Asking) -> None:
    await asking.under(action="DENY", rules=[{"to": [{"operation": {"paths": ["/admin*"]}}]}])
    assert await asking.answer("/") == (200, "web-1")
    assert await asking.answer("/admin/x") == DENIED


async def test_a_header_may_be_asked_for(asking: Asking) -> None:
    await asking.under(rules=[{"when": [{"key": "request.headers[x-key]", "values": ["a"]}]}])
    assert await asking.answer(headers={"x-key": "a"}) == (200, "web-1")
    assert await asking.answer() == DENIED


async def test_ports_tell_listeners_apart(asking: Asking) -> None:
    await asking.under(action="DENY", rules=[{"to": [{"operation": {"ports": ["5678"]}}]}])
    assert await asking.answer() == DENIED
    await asking.under(action="DENY", rules=[{"to": [{"operation": {"ports": ["9999"]}}]}])
    assert await asking.answer() == (200, "web-1")


async def test_a_selector_chooses_workloads(asking: Asking) -> None:
    await asking.under(selector={"matchLabels": {"app": "other"}})
    assert await asking.answer() == (200, "web-1")
