"""Readers of a room without sandboxes: how fast a crowd comes in, and what pages take beside it."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import psutil

from tools.bench.classroom import LESSON, STEP, open_room, site
from tools.bench.figure import Figure
from tools.bench.streams import Door, open_streams

CROWD, JOINS = 500, 200  # streams at once; people who come within seconds
RATES = (25, 50, 75, 100)  # pages a second
LASTS_S = 30.0
JOIN_S, PAGE_MS = 10.0, 150.0
PAGE = f"/lessons/{LESSON}/{STEP}"


async def readers(crowd: int = CROWD, lasts_s: float = LASTS_S) -> list[Figure]:
    """Return the time of joining, then of pages at growing rates with a crowd of streams open."""
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name:
        async with site(Path(name)) as (served, owner, origin), AsyncExitStack() as stack:
            _, code = await open_room(owner, capacity="500", cluster="own", lessons=LESSON)
            limits = httpx2.Limits(max_connections=400)
            client = httpx2.AsyncClient(base_url=origin, timeout=60, limits=limits)
            await stack.enter_async_context(client)
            start = time.perf_counter()
            first = [_join(client, code, number) for number in range(min(JOINS, crowd))]
            doors = await asyncio.gather(*first)
            figures = [
                Figure(f"{len(doors)} joins at once", "s", [time.perf_counter() - start], JOIN_S)
            ]
            doors += [await _join(client, code, number) for number in range(len(doors), crowd)]
            for door in doors:
                streams = open_streams(Door(origin, door), LESSON, STEP, 1)
                await stack.enter_async_context(streams)
            for rate in RATES:
                figures += await _at_rate(client, doors, rate, lasts_s, served.process.pid)
            return figures


async def _join(client: httpx2.AsyncClient, code: str, number: int) -> str:
    """Come in; return the session's cookie."""
    headers = {"Origin": str(client.base_url).rstrip("/")}
    data = {"code": code, "name": f"Reader {number}"}
    answer = await client.post("/join", data=data, headers=headers)
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


async def _at_rate(
    client: httpx2.AsyncClient, doors: Sequence[str], rate: int, lasts_s: float, pid: int
) -> list[Figure]:
    """Ask for pages at even times, whether the ones before have come or not."""
    took: list[float] = []

    async def page(at: float, door: str) -> None:
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        start = time.perf_counter()
        answer = await client.get(PAGE, headers={"Cookie": door})
        assert answer.status_code == 200, answer.status_code
        took.append((time.perf_counter() - start) * 1000)

    own, its = psutil.Process(), psutil.Process(pid)
    before = [sum(process.cpu_times()[:2]) for process in (own, its)]
    began = time.monotonic()
    asked = range(int(rate * lasts_s))
    client.cookies.clear()
    await asyncio.gather(*(page(began + n / rate, doors[n % len(doors)]) for n in asked))
    spent = time.monotonic() - began
    after = [sum(process.cpu_times()[:2]) for process in (own, its)]
    share = [(last - first) / spent * 100 for first, last in zip(before, after, strict=True)]
    what = f"{len(doors)} readers, {rate} pages/s"
    goal = PAGE_MS if rate == RATES[0] else None
    return [
        Figure(f"{what}: page", "ms", took, goal),
        Figure(f"{what}: share of one core, the site", "%", [share[1]]),
        Figure(f"{what}: share of one core, the clients", "%", [share[0]]),
    ]
