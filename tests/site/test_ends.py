"""However the site ends, no process is left, and the next start knows what happened."""

import signal
import sqlite3
from contextlib import closing, suppress

import anyio
import httpx2
from empty_cluster import EmptyCluster
from served import Bench, gone
from visitor import Visitor

LESSON, STEP = "two-services", "deploy"
LINE = "kubectl get pods -n mesh-demo"
FOREVER = "child = os.fork()\nprint('up')\ntime.sleep(60)"
STREAMS = 50


def state_of(bench: Bench, run: str) -> str:
    """Return what the lab's database says of a run."""
    with closing(sqlite3.connect(bench.data / "mesh-dojo.db")) as database:
        (state,) = database.execute("SELECT state FROM runs WHERE id = ?", (run,)).fetchone()
    return str(state)


async def test_a_request_to_end_is_met_with_fifty_streams_open(
    bench: Bench, cluster: EmptyCluster
) -> None:
    bench.program("kubectl", FOREVER)
    bench.points_to(cluster.address)
    async with bench.served() as served, Visitor.at(served.address) as visitor:
        run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
        ended = 0

        async def tab(*, task_status: anyio.abc.TaskStatus[None]) -> None:
            nonlocal ended
            async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
                await stream.until("lines", "up")
                task_status.started()
                with suppress(httpx2.RemoteProtocolError):  # cut off is an end, too
                    async for _ in stream.events:
                        pass
            ended += 1

        async with anyio.create_task_group() as tabs:
            for _ in range(STREAMS):
                await tabs.start(tab)
            family = served.family()
            assert len(family) >= 3  # the program, its child, and the keeper
            served.process.send_signal(signal.SIGTERM)
            assert await served.ended() == 0
        assert (ended, await gone(family)) == (STREAMS, [])
    assert state_of(bench, run.id) == "interrupted"
    assert served.said() == ""


async def test_after_a_kill_nothing_is_left_and_nothing_is_lost(
    bench: Bench, cluster: EmptyCluster
) -> None:
    bench.program("kubectl", FOREVER)
    bench.points_to(cluster.address)
    async with bench.served() as served, Visitor.at(served.address) as visitor:
        await visitor.check("namespace", "create")
        run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
        async with visitor.stream(LESSON, STEP, read=f"{run.id}:0") as stream:
            await stream.until("lines", "up")
            family = served.family()
            served.process.kill()
            await served.ended()
        assert await gone(family) == []
    async with bench.served() as again, Visitor.at(again.address) as visitor:
        page = await visitor.page(f"/runs/{run.id}")
        assert "is-interrupted" in page
        assert "The lab was stopped." in page
        assert "1 of" in await visitor.page("/progress")
        bench.program("kubectl", "print('well')")
        assert (await visitor.run(LESSON, STEP, line=LINE)).output == "well\n"
