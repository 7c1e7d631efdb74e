"""Sites over sandboxes of their own, and learners who walk a part of the course there.

A part is a module: modules go to test processes whole, and its steps are walked in their order.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from duality import COURSE, STEPS, name
from walk import Walker
from walking import walking

from app.clusters.sandbox import NAME
from app.settings import Settings

HERE = Path(__file__).parent
LESSONS = [lesson.id for lesson in COURSE.lessons]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a part its steps: those of the lessons from FIRST to LAST."""
    if "step" in metafunc.fixturenames:
        first, last = LESSONS.index(metafunc.module.FIRST), LESSONS.index(metafunc.module.LAST)
        steps = [each for each in STEPS if first <= LESSONS.index(each[0].id) <= last]
        metafunc.parametrize(("lesson", "step"), steps, ids=name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put a part's steps back into their order, and mark what needs a sandbox."""
    places = [number for number, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted((items[number] for number in places), key=_order)
    for number, item in zip(places, ordered, strict=True):
        item.add_marker(pytest.mark.sandbox)
        items[number] = item


def _order(item: pytest.Item) -> tuple[str, int]:
    """Return where a test stands in its part; what is of no step comes last."""
    called = getattr(item, "callspec", None)
    ids = [(lesson.id, step.id) for lesson, step in STEPS]
    if called is None:
        return item.path.name, len(ids)
    return item.path.name, ids.index((called.params["lesson"].id, called.params["step"].id))


@pytest.fixture(scope="module")
async def walker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walker]:
    """A learner on a fresh sandbox, who has done every step before the part's."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(port=0, data_dir=data, context=NAME, kubeconfig=data / "none", sandbox=True)
    async with walking(settings) as walker:
        for lesson, step in STEPS:
            if lesson.id == request.module.FIRST:
                break
            await walker.do(lesson, step)
        yield walker
