"""A site over a sandbox of its own, and a learner who walks its course."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from duality import STEPS
from walk import Walker
from walking import walking

from app.clusters.sandbox import NAME
from app.settings import Settings

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A course has an order: put its steps back into it, in the places that they have."""
    places = [number for number, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted((items[number] for number in places), key=_order)
    for number, item in zip(places, ordered, strict=True):
        items[number] = item


def _order(item: pytest.Item) -> int:
    """Return where a test stands; the last one is not of a step."""
    values = getattr(item, "callspec", None)
    step = values.params["step"].id if values else ""
    lesson = values.params["lesson"].id if values else ""
    ids = [(each.id, one.id) for each, one in STEPS]
    return ids.index((lesson, step)) if (lesson, step) in ids else len(ids)


@pytest.fixture(scope="session")
async def walker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walker]:
    """A learner signed in to a site over a fresh sandbox."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(port=0, data_dir=data, context=NAME, kubeconfig=data / "none", sandbox=True)
    async with walking(settings) as walker:
        yield walker
