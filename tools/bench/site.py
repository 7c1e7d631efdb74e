"""The site by itself: start, pages, memory; its cluster is a stand-in that only lists."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import psutil

from tests.empty_cluster import EmptyCluster, named
from tests.served import Bench, Served
from tests.visitor import Visitor
from tools.bench.figure import Figure
from tools.bench.streams import door_of, open_streams

LESSON, STEP = "two-services", "deploy"
PAGES = {"course map": "/", "step": f"/lessons/{LESSON}/{STEP}"}
STARTS = 20
REQUESTS = 200
MANY = 200
START_S, MEMORY_MIB = 1.5, 200.0
LINE = "kubectl get pods -n mesh-demo"
TALKING = "while True:\n    time.sleep(0.1)\n    print('one more line')"


@asynccontextmanager
async def stand_in() -> AsyncIterator[Bench]:
    """Give a lab's folder, whose kubeconfig leads to a stand-in with the course's pods."""
    cluster = EmptyCluster()
    pods = ("frontend-1", "backend-1", "backend-2", "backend-v2-1")
    cluster.objects["pods"] = [named(name, "mesh-demo") for name in pods]
    cluster.objects["services"] = [named(name, "mesh-demo") for name in ("frontend", "backend")]
    await cluster.start()
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as folder:
        bench = Bench(Path(folder) / "lab")
        bench.points_to(cluster.address)
        bench.program("kubectl", "print('one line')")
        try:
            yield bench
        finally:
            await cluster.stop()


async def starts() -> list[Figure]:
    """From the start of the process to the end of the first page, sign-in included."""
    new = [await _start_anew() for _ in range(STARTS)]
    async with stand_in() as bench:
        await _start(bench)
        later = [await _start(bench) for _ in range(STARTS)]
    found = []
    for which, took in (("new data folder", new), ("later", later)):
        name = f"start of `serve` to first page, {which}"
        found.append(Figure(name, "s", [wall for wall, _ in took], START_S))
        found.append(Figure("of that, time of the processor", "s", [cpu for _, cpu in took]))
    return found


async def _start_anew() -> tuple[float, float]:
    async with stand_in() as bench:
        return await _start(bench)


async def _start(bench: Bench) -> tuple[float, float]:
    """Return the time that passed, and the processor's time that the site took of it."""
    start = time.perf_counter()
    async with bench.served() as served, httpx2.AsyncClient() as client:
        (await client.get(served.address)).raise_for_status()
        origin = "/".join(served.address.split("/")[:3])
        (await client.get(f"{origin}/")).raise_for_status()
        took = time.perf_counter() - start
        spent = psutil.Process(served.process.pid).cpu_times()
        return took, spent.user + spent.system


async def pages_and_memory() -> list[Figure]:
    """Return the time of pages with 1 and many streams open, and what these take of memory."""
    found: list[Figure] = []
    async with (
        stand_in() as bench,
        bench.served() as served,
        Visitor.at(served.address) as visitor,
    ):
        door = await door_of(visitor, served.address, LESSON, STEP)
        for count in (1, MANY):
            async with open_streams(door, LESSON, STEP, count):
                found += [await _page(visitor, what, count) for what in PAGES]
                found += memory(served, count)
        bench.program("kubectl", TALKING)
        run = await visitor.run(LESSON, STEP, line=LINE, wait=False)
        async with open_streams(door, LESSON, STEP, MANY):
            found.append(await _page(visitor, "step", MANY, ", 10 lines/s into each"))
        await visitor.stop(run.id)
    return found


async def _page(visitor: Visitor, what: str, streams: int, meanwhile: str = "") -> Figure:
    samples = []
    await visitor.page(PAGES[what])
    for _ in range(REQUESTS):
        start = time.perf_counter()
        await visitor.page(PAGES[what])
        samples.append((time.perf_counter() - start) * 1000)
    name = f"page: {what}, {streams} open stream{'s' if streams > 1 else ''}{meanwhile}"
    return Figure(name, "ms", samples)


def memory(served: Served, streams: int, over: str = "") -> list[Figure]:
    """Return the memory of the site's process: all of it, its fair share, and its own alone."""
    found = psutil.Process(served.process.pid).memory_full_info()
    goal = MEMORY_MIB if streams == MANY else None
    name = f"memory of the site, {streams} open stream{'s' if streams > 1 else ''}{over}"
    return [
        Figure(f"{name}: {kind.upper()}", "MiB", [getattr(found, kind) / 2**20], goal)
        for kind in ("rss", "pss", "uss")
    ]
