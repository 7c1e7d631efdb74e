"""A room as a class uses it: real HTTP and streams, a sandbox for each learner, and readers alone.

The clients are in this process, the site and the sandboxes in others: each is measured by itself.
"""

import asyncio
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx2
import psutil

from tests.served import Bench, Served
from tests.visitor import Refused, Stream, Visitor
from tools.bench.figure import Figure

LESSON, STEP = "namespace", "create"
LEARNERS, MINUTES = 30, 10.0
COMMAND_S, CHECK_S = 20.0, 60.0
LINE = "kubectl get namespaces"
INSTALL = "istioctl install --set profile=demo -y"
READY_S = 300.0
LAG_MS, MEMORY_MIB = 300.0, 160.0


@dataclass
class Seen:
    """What the clients saw. Units: milliseconds, but `board` holds (epoch seconds, fragment)."""

    page: list[float] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    board: list[tuple[float, str]] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)  # by member: as their own page told it


class Guest(Visitor):
    """A visitor who may also follow other streams than a step's."""

    @asynccontextmanager
    async def live(self, path: str) -> AsyncIterator[Stream]:
        """Follow a stream."""
        async with self._client.stream("GET", path) as response:
            assert response.status_code == 200, response.status_code
            yield Stream(response)


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[tuple[Served, Guest, str]]:
    """Give a site with sandboxes, its owner signed in, and where it is."""
    bench = Bench(folder / "lab", {"MESH_DOJO_SANDBOX": "true", "PATH": "/usr/bin:/bin"})
    async with bench.served() as served, guest("/".join(served.address.split("/")[:3])) as owner:
        await owner.page(served.address)
        await owner.page("/")
        yield served, owner, "/".join(served.address.split("/")[:3])


@asynccontextmanager
async def guest(origin: str) -> AsyncIterator[Guest]:
    """Give somebody who has not come in yet."""
    limits = httpx2.Timeout(60, read=600)
    async with httpx2.AsyncClient(base_url=origin, timeout=limits) as client:
        yield Guest(client, origin)


async def open_room(owner: Guest, **fields: str) -> tuple[str, str]:
    """Open a room; return its id and its code."""
    await owner.page("/rooms")
    answer = await owner.post("/rooms", is_htmx=False, name="Bench", **fields)
    room = answer.headers["location"].split("/")[-2]
    log = await owner.page(f"/rooms/{room}/door")
    return room, log.split("code=")[1][:9]


async def classroom(learners: int = LEARNERS, minutes: float = MINUTES) -> list[Figure]:
    """Return what a class of learners with sandboxes feels, and what it costs."""
    with tempfile.TemporaryDirectory(prefix="mesh-dojo-bench-") as name:
        async with site(Path(name)) as (served, owner, origin), AsyncExitStack() as stack:
            room, code = await open_room(owner, capacity=str(learners), lessons=LESSON)
            seen, own = Seen(), psutil.Process()
            board = asyncio.create_task(_watch(owner, room, seen))
            guests = [await stack.enter_async_context(guest(origin)) for _ in range(learners)]
            for number, each in enumerate(guests):
                await each.post("/join", is_htmx=False, code=code, name=f"Learner {number}")
                await each.page(f"/lessons/{LESSON}/{STEP}")
                await _ready(each)
                assert (await each.run(LESSON, STEP, line=INSTALL)).code == 0
            before = [_cpu(own), _cpu(psutil.Process(served.process.pid))]
            began = time.monotonic()
            work = (
                _learn(each, seen, began, minutes * 60, number / learners)
                for number, each in enumerate(guests)
            )
            await asyncio.gather(*work)
            took = time.monotonic() - began
            spent = [_cpu(own), _cpu(psutil.Process(served.process.pid))]
            memory = _memory(Path(name))
            log = await owner.page(f"/rooms/{room}/log.jsonl")
            board.cancel()
            await asyncio.gather(board, return_exceptions=True)
            events = [json.loads(line) for line in log.splitlines()]
            lags = _verified(events, seen, learners)
            shares = [
                (after - first) / took * 100 for first, after in zip(before, spent, strict=True)
            ]
            await owner.post(f"/rooms/{room}/close")
            return _figures(learners, seen, lags, memory, shares)


def _figures(
    learners: int,
    seen: Seen,
    lags: Sequence[float],
    memory: Sequence[float],
    shares: Sequence[float],
) -> list[Figure]:
    who = f"{learners} learners with sandboxes"
    return [
        Figure(f"{who}: page of a step", "ms", seen.page),
        Figure(f"{who}: start of a command", "ms", seen.start),
        Figure(f"{who}: check, from press to verdict", "ms", seen.check),
        Figure(f"{who}: passed step to the instructor's screen", "ms", lags, LAG_MS),
        Figure(f"{who}: unshared memory of a sandbox", "MiB", memory, MEMORY_MIB),
        Figure(f"{who}: share of one core, the site", "%", [shares[1]]),
        Figure(f"{who}: share of one core, the clients", "%", [shares[0]]),
    ]


async def _ready(guest: Guest) -> None:
    """Return once the learner's sandbox answers a command."""
    async with asyncio.timeout(READY_S):
        while True:
            with suppress(Refused):  # such as: the sandbox is being started
                run = await guest.run(LESSON, STEP, line=LINE)
                if run.code == 0:
                    return
            await asyncio.sleep(0.5)


async def _learn(guest: Guest, seen: Seen, began: float, lasts_s: float, phase: float) -> None:
    """One command every 20 s, one check every 60 s; in the middle the step is done."""
    commands = [began + (n + phase) * COMMAND_S for n in range(int(lasts_s / COMMAND_S))]
    checks = [began + (n + phase) * CHECK_S for n in range(max(1, int(lasts_s / CHECK_S)))]
    acts = sorted([(at, "command") for at in commands] + [(at + 5, "check") for at in checks])
    middle = len(acts) // 2
    for number, (at, what) in enumerate(acts):
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        start = time.perf_counter()
        await guest.page(f"/lessons/{LESSON}/{STEP}")
        seen.page.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        if number == middle:
            await _solve(guest, seen)
        elif what == "command":
            await guest.run(LESSON, STEP, line=LINE, wait=False)
            seen.start.append((time.perf_counter() - start) * 1000)
        else:
            await guest.check(LESSON, STEP)
            seen.check.append((time.perf_counter() - start) * 1000)


async def _solve(guest: Guest, seen: Seen) -> None:
    """Create the namespace, and wait until the own page says that the step has passed."""
    async with guest.stream(LESSON, STEP) as stream:
        await stream.until("step")
        await guest.run(LESSON, STEP, line="kubectl create namespace mesh-demo", wait=False)
        async with asyncio.timeout(READY_S):
            await stream.until("step", "is-passed|data-by")
    seen.passed[str(id(guest))] += 1


async def _watch(owner: Guest, room: str, seen: Seen) -> None:
    """Keep what the instructor's board shows, with the time at which it came."""
    async with owner.live(f"/rooms/{room}/live") as stream:
        async for event in stream.events:
            seen.board.append((time.time(), event.data))


def _verified(events: Sequence[Mapping[str, object]], seen: Seen, learners: int) -> list[float]:
    """Return how long each pass took to the board; what was lost or doubled is an error."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "a gap"
    passed: dict[str, list[float]] = defaultdict(list)
    for event in events:
        if event["kind"] == "step.passed":
            passed[str(event["actor"])].append(datetime.fromisoformat(str(event["at"])).timestamp())
    assert len(passed) == len(seen.passed) == learners, (len(passed), len(seen.passed))
    assert all(len(times) == 1 for times in passed.values()), "a pass was doubled"
    lags = []
    for member, (at,) in passed.items():
        shown = (
            came
            for came, html in seen.board
            if came >= at and f'id="row-{member}"' in html and 'class="passed"' in html
        )
        lags.append((next(shown) - at) * 1000)
    return lags


def _memory(folder: Path) -> list[float]:
    """Return the unshared memory of each sandbox with its proxies. Units: MiB."""
    found = []
    for file in (folder / "lab/data/rooms/sandboxes").glob("*/state.json"):
        own = psutil.Process(int(json.loads(file.read_text())["pid"]))
        family = [own, *own.children(recursive=True)]
        found.append(sum(each.memory_full_info().uss for each in family) / 2**20)
    return found


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
