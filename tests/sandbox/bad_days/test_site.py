"""However the site ends: killed, its sandbox lives on for the next one; asked to, both end."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from served import Bench, Served, gone
from visitor import Visitor

from app.clusters.sandbox import Running, SandboxProvider
from app.commands.runner import Runner

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("site")]

ENDS_S = 15.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A lab without a kubeconfig: its cluster is the sandbox, which is ended in any case."""
    made = Bench(tmp_path / "lab", {"MESH_DOJO_SANDBOX": "true"})
    yield made
    if left := running(made):
        psutil.Process(left.pid).kill()


def running(bench: Bench) -> Running | None:
    return SandboxProvider(bench.data / "sandbox", Runner()).running()


async def opened(bench: Bench, served: Served) -> Running:
    """Return the sandbox of a site whose learner has come to it."""
    async with Visitor.at(served.address) as visitor:
        await visitor.page("/sandbox")
        await visitor.page("/preflight")
    found = running(bench)
    assert found
    return found


async def test_a_killed_sites_sandbox_lives_and_the_next_site_takes_it_over(bench: Bench) -> None:
    async with bench.served() as served:
        first = await opened(bench, served)
        served.process.kill()
        served.process.wait(ENDS_S)
    assert running(bench) == first
    assert first.lease_s > 0  # it ends by itself where no site comes
    async with bench.served() as served:
        assert await opened(bench, served) == first
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(ENDS_S) in (0, -signal.SIGINT, 130)
    assert running(bench) is None


async def test_ctrl_c_ends_the_sandbox_at_once(bench: Bench) -> None:
    async with bench.served() as served:
        found = await opened(bench, served)
        process = psutil.Process(found.pid)
        served.process.send_signal(signal.SIGINT)
        served.process.wait(ENDS_S)
        assert await gone([process]) == []
    assert running(bench) is None
