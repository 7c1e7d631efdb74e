"""What happens reaches an open page in order, and once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sse_starlette import ServerSentEvent
from structlog.testing import capture_logs

from app.errors import ClusterUnavailable
from app.web.cursors import Cursors
from app.web.fragments import Fragments
from app.web.place import find_place
from app.web.render import Pages
from app.web.services import Services
from app.web.stream import StepStream
from web.fakes import LEARNER, make_services
from web.samples import COURSE, SNAPSHOT


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Any]:
    made = make_services(tmp_path, COURSE, SNAPSHOT)
    async with made.lifespans[0]:
        yield made


def open_stream(services: Services, read: str = "") -> AsyncIterator[ServerSentEvent]:
    place = find_place(COURSE, "canary", "split")
    assert place
    fragments = Fragments(Pages(), place)
    return StepStream(services, fragments, LEARNER, place, Cursors.parse(read)).events()


async def until(stream: AsyncIterator[ServerSentEvent], name: str, word: str) -> ServerSentEvent:
    async for event in stream:
        if event.event == name and word in str(event.data):
            return event
    raise AssertionError("the stream ended")


async def test_a_run_that_begins_comes_with_its_lines(services: Any) -> None:
    stream = open_stream(services)
    await until(stream, "step", "verdict")
    run = services.runs.begin("canary", "split", "kubectl get pods", "run-2")
    await services.runs.say(run.id, "one", "two")
    assert "#slot-run-2" in str((await until(stream, "run", run.id)).data)
    assert (await until(stream, "lines", "two")).id == "r1:2"
    await stream.aclose()


async def test_a_stream_goes_on_after_the_last_line_that_was_read(services: Any) -> None:
    run = services.runs.begin("canary", "split", "kubectl get pods", "run-2")
    await services.runs.say(run.id, "first", "second")
    stream = open_stream(services, "r1:1")
    lines = str((await until(stream, "lines", "second")).data)
    assert "first" not in lines
    await stream.aclose()


async def test_results_come_one_by_one_and_then_the_verdict(services: Any) -> None:
    stream = open_stream(services)
    await until(stream, "step", "verdict")
    await services.desk.check(LEARNER, "canary", "split")
    await until(stream, "checks", "is-running")
    await until(stream, "checks", "asking the cluster")
    await until(stream, "checks", "As it should be.")
    assert "Next: Roll back" in str((await until(stream, "step", "Step passed")).data)
    await stream.aclose()


async def test_the_panel_follows_the_cluster(services: Any) -> None:
    stream = open_stream(services)
    await until(stream, "panel", "backend-7d9c5b6f4-x2x9q")
    await services.live.show(type(SNAPSHOT)())
    await until(stream, "panel", "no pods yet")
    await stream.aclose()


async def test_a_cluster_that_does_not_answer_is_said_in_the_panel(services: Any) -> None:
    services.live.error = ClusterUnavailable("No answer from 192.168.49.2.")
    stream = open_stream(services)
    await until(stream, "panel", "No answer from 192.168.49.2.")
    await stream.aclose()


async def test_checks_under_way_have_a_bar_and_a_clock(services: Any) -> None:
    services.desk.gate.clear()
    stream = open_stream(services)
    await until(stream, "step", "verdict")
    await services.desk.check(LEARNER, "canary", "split")
    assert 'max="2" value="0"' in str((await until(stream, "checks", "is-running")).data)
    assert "data-since" in str((await until(stream, "checks", "asking the cluster")).data)
    services.desk.gate.set()
    assert 'max="2" value="1"' in str((await until(stream, "checks", "As it should be.")).data)
    await stream.aclose()


async def test_a_step_that_came_true_by_itself_is_told_as_such(services: Any) -> None:
    stream = open_stream(services)
    await until(stream, "step", "verdict")
    await services.desk.come_true(LEARNER, "canary", "split")
    await until(stream, "step", "It came true by itself")
    await stream.aclose()


async def test_a_part_that_breaks_says_so_and_the_others_go_on(services: Any) -> None:
    services.live.error = ZeroDivisionError("a mistake of ours")
    with capture_logs() as logged:
        stream = open_stream(services)
        notice = await until(stream, "checks", "live view broke")
        services.runs.begin("canary", "split", "kubectl get pods", "run-2")
        await until(stream, "run", "slot-run-2")
        await stream.aclose()
    assert "ZeroDivisionError" not in str(notice.data)
    assert isinstance(logged[0]["exc_info"], ZeroDivisionError)
