"""Sites over sandboxes of their own, and learners who walk a part of the course there.

A part is a module: modules go to test processes whole, and its steps are walked in their order.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from duality import COURSE, STEPS, name
from sandbox.course.snapshots import Snapshots, standing
from walk import Walker

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
    """A learner on a sandbox of their own, which stands where the part begins."""
    folder = tmp_path_factory.getbasetemp()
    is_shared = hasattr(request.config, "workerinput")  # with the other test processes
    snapshots = Snapshots((folder.parent if is_shared else folder) / "course")
    first = request.module.FIRST
    kept = await snapshots.of(first, tmp_path_factory.mktemp("walked"))
    async with standing(kept, tmp_path_factory.mktemp("data")) as walker:
        yield walker
