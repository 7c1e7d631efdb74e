"""Sites over sandboxes of their own, and learners who walk a part of the course there."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from duality import STEPS
from sandbox.course.parts import LESSONS, part_of
from walk import Walker
from walking import walking

from app.clusters.sandbox import NAME
from app.settings import Settings

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep each step's test in its own part, parts together, and a part's steps in their order."""
    places = [number for number, item in enumerate(items) if HERE in item.path.parents]
    mine = [items[number] for number in places]
    kept = sorted((item for item in mine if _is_of_its_part(item)), key=_order)
    config.hook.pytest_deselected(items=[item for item in mine if item not in kept])
    for number, item in zip(places, kept, strict=False):
        items[number] = item
    for number in reversed(places[len(kept) :]):
        del items[number]


def _params(item: pytest.Item) -> Mapping[str, Any]:
    assert isinstance(item, pytest.Function)
    return item.callspec.params


def _is_of_its_part(item: pytest.Item) -> bool:
    """Whether a test is walked where it belongs; the last one belongs to the last part."""
    found = _params(item)
    lesson = found["lesson"].id if "lesson" in found else LESSONS[-1]
    return bool(found["walker"] == part_of(lesson))


def _order(item: pytest.Item) -> int:
    """Return where a test stands; the last one is not of a step."""
    found = _params(item)
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
