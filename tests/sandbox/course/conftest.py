"""Sites over sandboxes of their own, and learners who walk a part of the course there."""

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
    found = values.params if values else {}
    ids = [(lesson.id, step.id) for lesson, step in STEPS]
    return ids.index((found["lesson"].id, found["step"].id)) if "step" in found else len(ids)


@pytest.fixture(scope="session")
async def walker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walker]:
    """A learner on a fresh sandbox, who has done every step before the lesson `request.param`."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(port=0, data_dir=data, context=NAME, kubeconfig=data / "none", sandbox=True)
    async with walking(settings) as walker:
        for lesson, step in STEPS:
            if lesson.id == request.param:
                break
            await walker.do(lesson, step)
        yield walker
