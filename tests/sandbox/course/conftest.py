"""A site over a sandbox of its own, and a learner who walks its course."""

from collections.abc import AsyncIterator

import pytest
from walk import Walker
from walking import walking

from app.clusters.sandbox import NAME
from app.settings import Settings


@pytest.fixture(scope="session")
async def walker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walker]:
    """A learner signed in to a site over a fresh sandbox."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(port=0, data_dir=data, context=NAME, kubeconfig=data / "none", sandbox=True)
    async with walking(settings) as walker:
        yield walker
