"""A learner at a desk over a fake cluster."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fakes import FakeCluster
from mesh_objects import namespace
from practice.sample import COURSE, LEARNER, FakeWorkplace

from app.bus import Bus
from app.commands.runner import Runner
from app.commands.runs import Runs
from app.practice.desk import Desk
from app.progress.queries import Progress
from app.store.engine import Store


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster([namespace("default")])


@pytest.fixture
def workplace(cluster: FakeCluster, tmp_path: Path) -> FakeWorkplace:
    return FakeWorkplace(cluster, tmp_path)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/lab.db") as store:
        yield store


@pytest.fixture
async def progress(store: Store) -> Progress:
    progress = Progress(store)
    await progress.welcome(LEARNER, "Ann")
    return progress


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def runs(store: Store, progress: Progress, tmp_path: Path) -> AsyncIterator[Runs]:
    async with Runner() as runner, Runs(store, runner, tmp_path / "runs") as runs:
        yield runs


@pytest.fixture
async def desk(
    workplace: FakeWorkplace, runs: Runs, progress: Progress, bus: Bus
) -> AsyncIterator[Desk]:
    async with Desk(COURSE, workplace, runs, progress, bus) as desk:
        yield desk
