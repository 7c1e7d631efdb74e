"""fortio, which Istio's task on circuit breaking asks with: `curl` and `load` over HTTP/1.1.

Source: https://github.com/fortio/fortio (flags, the lines of its report)
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, pstdev

from app.sandbox.shell.call import BadUse, Call
from app.sandbox.shell.curl.connections import Connections, Wishes
from app.sandbox.shell.curl.options import parse
from app.sandbox.shell.curl.transfer import Result, Sinks, Transfer

VERSION = "1.69.5"
MOST_CALLS, MOST_THREADS, MOST_S = 20_000, 100, 300.0
_FLAGS = {"c": "4", "qps": "8", "n": "0", "t": "5s", "loglevel": "Info", "H": "", "timeout": "3s"}
_SWITCHES = ("quiet", "a", "stdclient", "allow-initial-errors", "jitter", "uniform", "nocatchup")
_STEPS = (0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.012, 0.014)
_MORE = (0.016, 0.018, 0.02, 0.025, 0.03, 0.04, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass
class _Load:
    """What was asked for, and what came back so far."""

    url: str
    threads: int
    qps: float
    calls: int
    seconds: float
    headers: list[str]
    results: list[Result] = field(default_factory=list)
    sockets: int = 0


async def fortio(call: Call) -> int:
    """Return fortio's exit code."""
    verb, *words = call.argv[1:] or ["help"]
    if verb in ("version", "-version", "--version"):
        call.out(f"{VERSION}\n")
        return 0
    if verb not in ("curl", "load"):
        raise BadUse("the sandbox's fortio emulates `curl` and `load`")
    flags, headers, urls = _read(words)
    if len(urls) != 1:
        raise BadUse(f"Error: fortio {verb} needs a url or destination")
    url = urls[0] if "://" in urls[0] else f"http://{urls[0]}"
    if verb == "curl":
        return await _curl(call, url, headers)
    load = _Load(
        url,
        max(1, min(int(flags["c"]), MOST_THREADS)),
        float(flags["qps"]),
        min(int(flags["n"]), MOST_CALLS),
        min(_seconds(flags["t"]), MOST_S),
        headers,
    )
    return await _load(call, load)


def _read(words: Sequence[str]) -> tuple[dict[str, str], list[str], list[str]]:
    flags, headers, urls = dict(_FLAGS), list[str](), list[str]()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            urls.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name in _SWITCHES:
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
    return flags, headers, urls


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)(ms|s|m|h)", text)
    if found is None:
        raise BadUse(f'invalid value "{text}" for flag -t: parse error')
    return float(found[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2]]


async def _once(call: Call, load: _Load, connections: Connections, sinks: Sinks) -> Result:
    named = [word for header in load.headers for word in ("-H", header)]
    agent = ["-A", f"fortio.org/fortio-{VERSION}"]
    group = parse([*agent, *named, load.url]).groups[0]
    transfer = Transfer(group, connections, Wishes(), sinks, VERSION, None, None)
    return await transfer.run(load.url)


async def _curl(call: Call, url: str, headers: list[str]) -> int:
    connections = Connections(call.container, is_old=False)
    try:
        load = _Load(url, 1, 0, 1, 0, headers)
        result = await _once(call, load, connections, Sinks(call.io.out, call.io.out))
    finally:
        connections.close()
    if result.code:
        return call.complain(f"Unable to connect to {url}: {result.message}")
    return 0 if result.status < 400 else 1


async def _load(call: Call, load: _Load) -> int:
    many = f"for {load.calls} calls" if load.calls else f"for {load.seconds:g}s"
    call.out(f"Fortio {VERSION} running at {load.qps:g} queries per second, 2->2 procs, {many}: ")
    call.out(f"{load.url}\n")
    _tell_start(call, load)
    began = time.perf_counter()
    shares = [load.calls // load.threads] * load.threads
    shares[0] += load.calls % load.threads
    async with asyncio.TaskGroup() as group:
        for number, share in enumerate(shares):
            group.create_task(_thread(call, load, number, share, began))
    _report(call, load, time.perf_counter() - began)
    return 0


def _tell_start(call: Call, load: _Load) -> None:
    pace = "max qps" if not load.qps else f"{load.qps:g} qps"
    if load.calls:
        each, left = divmod(load.calls, load.threads)
        amount = f"for exactly {load.calls} calls ({each} per thread + {left})"
    else:
        amount = f"[gomax 2] : {load.seconds:g}s"
    call.out(f"Starting at {pace} with {load.threads} thread(s) [gomax 2] {amount}\n")


async def _thread(call: Call, load: _Load, number: int, share: int, began: float) -> None:
    connections = Connections(call.container, is_old=False)
    interval_s = load.threads / load.qps if load.qps else 0.0
    done = 0
    try:
        while len(load.results) < MOST_CALLS:
            spent = time.perf_counter() - began
            if (load.calls and done >= share) or (not load.calls and spent >= load.seconds):
                break
            result = await _once(call, load, connections, Sinks(lambda _: None))
            load.results.append(result)
            done += 1
            if result.status != 200:
                _warn(call, number, result)
            if interval_s:
                due = began + done * interval_s
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
    finally:
        load.sockets += connections.opened
        connections.close()


def _warn(call: Call, number: int, result: Result) -> None:
    line = {
        "ts": round(time.time(), 6), "level": "warn", "r": number + 20, "file": "http_client.go",
        "line": 1151, "msg": "Non ok http code", "code": result.status or -1,
        "status": f"HTTP/1.1 {result.status:03}", "thread": number, "run": 0,
    }  # fmt: skip
    call.io.err(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def _report(call: Call, load: _Load, took_s: float) -> None:
    results = load.results
    times = sorted(result.timing.total for result in results) or [0.0]
    qps = len(results) / max(took_s, 1e-9)
    call.out(f"Ended after {took_s * 1000:.6g}ms : {len(results)} calls. qps={qps:.5g}\n")
    call.out(f"Aggregated Function Time : {_figures(times)}\n")
    call.out("# range, mid point, percentile, count\n" + _histogram(times))
    for share in (50, 75, 90, 99, 99.9):
        at = times[min(len(times) - 1, int(len(times) * share / 100))]
        call.out(f"# target {share:g}% {at:.6g}\n")
    call.out(f"Sockets used: {load.sockets} (for perfect keepalive, would be {load.threads})\n")
    call.out("Uniform: false, Jitter: false, Catchup allowed: true\n")
    for code, count in sorted(Counter(r.status or -1 for r in results).items()):
        call.out(f"Code {code:3} : {count} ({count * 100 / len(results):.1f} %)\n")
    heads = [float(result.head_bytes) for result in results] or [0.0]
    whole = [float(result.head_bytes + result.downloaded) for result in results] or [0.0]
    call.out(f"Response Header Sizes : {_figures(heads)}\n")
    call.out(f"Response Body/Total Sizes : {_figures(whole)}\n")
    mean_ms = fmean(times) * 1000
    call.out(f"All done {len(results)} calls (plus 0 warmup) {mean_ms:.3f} ms avg, {qps:.1f} qps\n")


def _figures(values: Sequence[float]) -> str:
    return (
        f"count {len(values)} avg {fmean(values):.8g} +/- {pstdev(values):.4g}"
        f" min {min(values):.6g} max {max(values):.9g} sum {sum(values):.9g}"
    )


def _histogram(times: Sequence[float]) -> str:
    """The times in ranges: their bounds, middle, share so far, count."""
    lines, below, first = "", 0, times[0]
    for last in (*_STEPS, *_MORE, float("inf")):
        count = sum(1 for each in times if first < each <= last) if lines else 0
        if not lines:
            count = sum(1 for each in times if each <= last)
        if count:
            below += count
            top = min(last, times[-1])
            mark = ">" if lines else ">="
            share = below * 100 / len(times)
            lines += f"{mark} {first:g} <= {top:g} , {(first + top) / 2:g} , {share:.2f}, {count}\n"
        if lines:
            first = last
    return lines
