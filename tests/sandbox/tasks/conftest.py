"""Learners on a sandbox of their own with Istio's demo profile in it, one for a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.tasks.learner import Learner

from tools.conformance.cluster import Cluster
from tools.conformance.started import NoEnvoy, sandbox

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a sandbox."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.sandbox)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Path]]:
    """A sandbox with Istio, and its release's samples."""
    folder = tmp_path_factory.mktemp("box")
    try:
        with sandbox(folder) as cluster:
            yield cluster, folder / "release" / "samples"
    except NoEnvoy as error:
        pytest.skip(f"without Envoy there is no mesh: {error}")


@pytest.fixture
def learner(mesh: tuple[Cluster, Path], request: pytest.FixtureRequest) -> Iterator[Learner]:
    """A learner in an injected namespace of the page's own."""
    cluster, samples = mesh
    name = f"tasks-{request.node.name.removeprefix('test_').replace('_', '-')}"
    room = cluster.room(name)
    (room / "samples").symlink_to(samples, target_is_directory=True)
    made = Learner(cluster, room, name)
    made.is_given(name, injected=True)
    yield made
    made.leave()
