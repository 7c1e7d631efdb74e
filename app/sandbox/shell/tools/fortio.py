"""fortio, which Istio's task on circuit breaking asks with: `curl` and `load` over HTTP/1.1.

Source: https://github.com/fortio/fortio (flags, the lines of its report)
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.sandbox.shell.call import BadUse, Call
from app.sandbox.shell.curl.connections import Connections, Wishes
from app.sandbox.shell.curl.options import parse
from app.sandbox.shell.curl.transfer import Result, Sinks, Transfer
from app.sandbox.shell.tools import fortio_report as report
from app.sandbox.shell.tools.fortio_report import ERROR, INFO, LEVELS, WARNING, figures

VERSION = "1.69.5"
MOST_CALLS, MOST_THREADS, MOST_S = 20_000, 100, 300.0
OK = (200, 418)
_FLAGS = {"c": "4", "qps": "8", "n": "0", "t": "5s", "loglevel": "Info", "H": "", "timeout": "3s"}
_SWITCHES = ("quiet", "a", "stdclient", "allow-initial-errors", "jitter", "uniform", "nocatchup")


@dataclass
class _Load:
    """What was asked for, and what came back so far."""

    url: str
    threads: int
    qps: float
    calls: int
    seconds: float
    headers: list[str]
    level: int = INFO
    results: list[Result] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)
    sockets: dict[int, list[float]] = field(default_factory=dict)  # thread: how long each took
    where: str = ""

    @property
    def threads_used(self) -> int:
        return len(self.sockets)


async def fortio(call: Call) -> int:
    """Return fortio's exit code."""
    verb, *words = call.argv[1:] or ["help"]
    if verb in ("version", "-version", "--version"):
        call.out(f"{VERSION}\n")
        return 0
    if verb not in ("curl", "load"):
        raise BadUse("the sandbox's fortio emulates `curl` and `load`")
    flags, headers, urls, switches = _read(words)
    level = ERROR if "quiet" in switches else _level(flags["loglevel"])
    if len(urls) != 1:
        raise BadUse("Error: fortio load/curl needs a URL or destination")
    threads = max(1, min(int(flags["c"]), MOST_THREADS))
    load = _Load(
        urls[0],
        threads,
        float(flags["qps"]),
        min(int(flags["n"]), MOST_CALLS),
        min(_seconds(flags["t"]), MOST_S),
        headers,
        level,
    )
    if "quiet" not in switches and level != INFO:
        now = f"Log level is now {level} {LEVELS[level].capitalize()} (was 2 Info)"
        call.io.err(report.log("info", "logger.go", 290, now))
    if level <= INFO:
        line = report.log(
            "info", "scli.go", 122, "Starting",
            **{"command": "Φορτίο", "version": VERSION, "go-max-procs": 2},
        )  # fmt: skip
        call.io.err(line)
    if verb == "curl":
        return await _curl(call, load)
    return await _load(call, load, is_bold="allow-initial-errors" in switches)


def _read(words: Sequence[str]) -> tuple[dict[str, str], list[str], list[str], set[str]]:
    flags, headers, urls, switches = dict(_FLAGS), list[str](), list[str](), set[str]()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            urls.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name in _SWITCHES:
            switches.add(name)
            continue
        if name not in flags or (not equals and not rest):
            raise BadUse(f"flag provided but not defined: -{name}")
        value = value if equals else rest.pop(0)
        if name == "H":
            headers.append(value)
        elif name in ("c", "n", "qps") and not re.fullmatch(r"\d{1,7}(\.\d+)?", value):
            raise BadUse(f'invalid value "{value}" for flag -{name}: parse error')
        else:
            flags[name] = value
    return flags, headers, urls, switches


def _level(word: str) -> int:
    if word.lower() not in LEVELS:
        raise BadUse(f'invalid value "{word}" for flag -loglevel: parse error')
    return LEVELS.index(word.lower())


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)(ms|s|m|h)", text)
    if found is None:
        raise BadUse(f'invalid value "{text}" for flag -t: parse error')
    return float(found[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]


async def _once(call: Call, load: _Load, connections: Connections, sinks: Sinks) -> Result:
    url = load.url if "://" in load.url else f"http://{load.url}"
    named = [word for header in ("Accept:", *load.headers) for word in ("-H", header)]
    agent = ["-A", f"fortio.org/fortio-{VERSION}"]
    group = parse([*agent, *named, url]).groups[0]
    transfer = Transfer(group, connections, Wishes(), sinks, VERSION, None, None)
    return await transfer.run(url)


async def _curl(call: Call, load: _Load) -> int:
    """Ask once: the head goes to standard error, and with the rest where it is no good answer."""
    connections = Connections(call.container, is_old=False)
    heads: list[bytes] = []

    def body(piece: bytes) -> None:
        call.io.out(b"".join(heads) + piece)
        heads.clear()

    def head(piece: bytes) -> None:
        is_good = piece.startswith(tuple(f"HTTP/1.1 {code} ".encode() for code in OK))
        (call.io.err if is_good else heads.append)(piece)

    try:
        result = await _once(call, load, connections, Sinks(body, head))
    finally:
        connections.close()
    body(b"")
    if result.code:
        return call.complain(f"Unable to connect to {load.url}: {result.message}")
    if result.status in OK:
        return 0
    if load.level <= WARNING:
        code = f'code={result.status}, status="HTTP/1.1 {result.status}"'
        call.io.err(report.spoken(f"[W] Non ok http code, {code}, thread=0, run=0"))
        call.io.err(report.spoken(f"[E] Error status {result.status}"))
    return 1


def _say(call: Call, text: str) -> None:
    """Print of a run: fortio keeps standard output for its JSON."""
    call.io.err(text.encode())


async def _load(call: Call, load: _Load, *, is_bold: bool) -> int:
    many = f"for {load.calls} calls" if load.calls else f"for {report.duration(load.seconds)}"
    _say(call, f"Fortio {VERSION} running at {load.qps:g} queries per second, 2->2 procs, {many}: ")
    _say(call, f"{load.url}\n")
    pools = [Connections(call.container, is_old=False) for _ in range(load.threads)]
    try:
        warmed = 0 if load.calls else load.threads
        for number in range(warmed):  # without a number of calls each thread asks once before
            first = await _ask(call, load, pools[number], number)
            if first.status not in OK and not is_bold:
                size = first.head_bytes + first.downloaded
                _say(call, f"Aborting because of error {first.status or -1} for {load.url} ")
                _say(call, f"({size} bytes)\n")
                return 1
        return await _run(call, load, pools, warmed)
    finally:
        for pool in pools:
            pool.close()


async def _run(call: Call, load: _Load, pools: Sequence[Connections], warmed: int) -> int:
    planned = load.calls or (int(load.qps * load.seconds) if load.qps else 0)
    if load.qps and 2 * load.threads > planned:  # each thread is to ask twice at least
        load.threads = max(1, planned // 2)
    if load.level <= WARNING:
        _tell_start(call, load, planned)
    began = time.perf_counter()
    shares = [planned // load.threads] * load.threads
    shares[0] += planned % load.threads
    async with asyncio.TaskGroup() as group:
        for number, share in enumerate(shares):
            group.create_task(_thread(call, load, pools[number], number, share, began))
    _tell(call, load, time.perf_counter() - began, warmed)
    return 0


def _tell_start(call: Call, load: _Load, planned: int) -> None:
    each, left = divmod(planned, load.threads)
    length = report.duration(load.seconds)
    if load.qps:
        whole = each * load.threads
        amount = f" for {length} : {each} calls each (total {whole})"
        if load.calls:
            amount = f" : exactly {planned}, {each} calls each (total {whole} + {left})"
        pace = f"{load.qps:g} qps"
    else:
        exactly = f" for exactly {planned} calls ({each} per thread + {left})"
        amount, pace = exactly if planned else f" for {length}", "max qps"
    _say(call, f"Starting at {pace} with {load.threads} thread(s) [gomax 2]{amount}\n")


async def _thread(
    call: Call, load: _Load, connections: Connections, number: int, share: int, began: float
) -> None:
    interval_s = load.threads / load.qps if load.qps else 0.0
    load.sockets.setdefault(number, [])
    done = 0
    while len(load.results) < MOST_CALLS:
        if done >= share if share else time.perf_counter() - began >= load.seconds:
            break
        load.results.append(await _ask(call, load, connections, number))
        done += 1
        if interval_s:
            due = began + done * interval_s
            load.sleeps.append(due - time.perf_counter())
            await asyncio.sleep(max(0.0, load.sleeps[-1]))


async def _ask(call: Call, load: _Load, connections: Connections, number: int) -> Result:
    """Return an answer; where it is no good one, the next question opens a new connection."""
    result = await _once(call, load, connections, Sinks(lambda _: None))
    took = load.sockets.setdefault(number, [])
    if result.connects:
        took.append(max(0.0, result.timing.connect - result.timing.lookup))
    load.where = f"{result.ip}:{result.port}" if result.ip else load.where
    if result.status in OK:
        return result
    connections.close()
    result.head_bytes, size = 0, result.head_bytes
    result.downloaded += size  # of a failed answer fortio counts the whole alone
    if load.level <= WARNING:
        code = {"code": result.status or -1, "status": f"HTTP/1.1 {result.status:03}"}
        line = report.log(
            "warn", "http_client.go", 1151, "Non ok http code", number + 19,
            **code, thread=number, run=0,
        )  # fmt: skip
        call.io.err(line)
    return result


def _tell(call: Call, load: _Load, took_s: float, warmed: int) -> None:
    results = load.results
    times = [result.timing.total for result in results]
    failed = [result.timing.total for result in results if result.status not in OK]
    qps = len(results) / max(took_s, 1e-9)
    if load.level <= WARNING:
        ended = f"Ended after {report.duration(took_s)} : {len(results)} calls. qps={qps:.5g}\n"
        slept = f"Sleep times : {figures(load.sleeps)}\n" if load.sleeps else ""
        _say(call, ended + slept + report.histogram("Aggregated Function Time", times))
        _say(call, report.histogram("Error cases", failed))
    else:
        _say(call, f"Aggregated Function Time : {figures(times)}\n{report.targets(times)}")
        _say(call, f"Error cases : {figures(failed)}\n")
    _say(call, "# Socket and IP used for each connection:\n")
    for number, took in sorted(load.sockets.items()):
        _say(call, f"[{number}] {len(took):3} socket used, resolved to {load.where}, ")
        _say(call, f"connection timing : {figures(took)}\n")
    opened = [each for took in load.sockets.values() for each in took]
    if load.level <= INFO:
        _say(call, report.histogram("Connection time histogram (s)", opened))
    elif load.level <= WARNING:
        _say(call, f"Connection time (s) : {figures(opened)}\n")
    _say(
        call, f"Sockets used: {len(opened)} (for perfect keepalive, would be {load.threads_used})\n"
    )
    _say(call, "Uniform: false, Jitter: false, Catchup allowed: true\n")
    _say(call, f"IP addresses distribution:\n{load.where}: {len(opened)}\n")
    if results:
        _say(call, report.codes(Counter(each.status or -1 for each in results), len(results)))
    if load.level <= WARNING:
        heads = [float(each.head_bytes) for each in results]
        whole = [float(each.head_bytes + each.downloaded) for each in results]
        _say(call, f"Response Header Sizes : {figures(heads)}\n")
        _say(call, f"Response Body/Total Sizes : {figures(whole)}\n")
    mean_ms = sum(times) / max(1, len(times)) * 1000
    _say(call, f"All done {len(results)} calls (plus {warmed} warmup) {mean_ms:.3f} ms avg, ")
    _say(call, f"{qps:.1f} qps\n")
