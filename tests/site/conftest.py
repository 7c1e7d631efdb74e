"""One site for all tests that leave it whole; those that end it start their own."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from empty_cluster import EmptyCluster
from served import Bench, Served
from visitor import Visitor

PROGRAM = "print('one line')"
RUNNING = re.compile(r"/runs/(\w+)/stop")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A lab of one's own, with a kubectl that says one line and no kubeconfig."""
    found = Bench(tmp_path / "lab")
    found.program("kubectl", PROGRAM)
    return found


@pytest.fixture
async def cluster() -> AsyncIterator[EmptyCluster]:
    """A cluster with one namespace."""
    found = EmptyCluster()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture(scope="session")
async def shared_cluster() -> AsyncIterator[EmptyCluster]:
    """The cluster of the shared site."""
    found = EmptyCluster()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture(scope="session")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, shared_cluster: EmptyCluster
) -> AsyncIterator[tuple[Bench, Served]]:
    """A site over an empty cluster, for all tests that leave it as they found it."""
    bench = Bench(tmp_path_factory.mktemp("shared") / "lab")
    bench.program("kubectl", PROGRAM)
    bench.points_to(shared_cluster.address)
    async with bench.served() as served:
        yield bench, served


@pytest.fixture(scope="session")
async def shared_visitor(shared: tuple[Bench, Served]) -> AsyncIterator[Visitor]:
    """The one learner of the shared site."""
    async with Visitor.at(shared[1].address) as found:
        yield found


@pytest.fixture
async def visitor(
    shared_visitor: Visitor, shared_cluster: EmptyCluster, shared_bench: Bench
) -> AsyncIterator[Visitor]:
    """The learner of the shared site, whose cluster is well again; what still runs is stopped."""
    await shared_cluster.start()
    shared_bench.program("kubectl", PROGRAM)  # one that sleeps would hold preflight for 15 s
    yield shared_visitor
    await shared_cluster.start()
    for run in RUNNING.findall(await shared_visitor.page("/lessons/two-services/deploy")):
        await shared_visitor.stop(run)


@pytest.fixture
def shared_bench(shared: tuple[Bench, Served]) -> Bench:
    """The programs of the shared site."""
    return shared[0]
