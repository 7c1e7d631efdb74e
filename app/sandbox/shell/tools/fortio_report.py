"""What fortio prints of a run: its counters, its histograms, and its log's lines.

Source: https://github.com/fortio/fortio (stats/stats.go, periodic/periodic.go: texts, buckets)
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev

LEVELS = ("debug", "verbose", "info", "warning", "error", "critical", "fatal")
INFO, WARNING, ERROR = 2, 3, 4
TARGETS = (50.0, 75.0, 90.0, 99.0, 99.9)
# The bounds of the buckets, in thousandths: closer where answers usually are.
BOUNDS = (
    *range(12), *range(12, 21, 2), *range(25, 51, 5), *range(60, 101, 10),
    *range(120, 201, 20), *range(250, 501, 50), *range(600, 1001, 100),
    2000, 3000, 4000, 5000, 7500, 10000, 20000, 30000, 40000, 50000, 75000, 100000,
)  # fmt: skip
Bucket = tuple[float, float, float, int]  # from, to, share so far in percent, count


def figures(values: Sequence[float]) -> str:
    """Return count, mean, deviation, extremes and sum; all 0 of none."""
    if not values:
        return "count 0 avg 0 +/- 0 min 0 max 0 sum 0"
    return (
        f"count {len(values)} avg {fmean(values):.8g} +/- {pstdev(values):.4g}"
        f" min {_shortest(min(values))} max {_shortest(max(values))} sum {sum(values):.9g}"
    )


def histogram(title: str, values: Sequence[float]) -> str:
    """Return a title with its figures, the buckets that hold something, and the percentiles."""
    if not values:
        return f"{title} : no data\n"
    said = f"{title} : {figures(values)}\n# range, mid point, percentile, count\n"
    mark = ">="
    for first, last, share, count in _buckets(values):
        middle = (first + last) / 2
        said += f"{mark} {first:.6g} <= {last:.6g} , {middle:.6g} , {share:.2f}, {count}\n"
        mark = ">"
    return said + targets(values)


def targets(values: Sequence[float]) -> str:
    """Return a line for each percentile, empty of none."""
    if not values:
        return ""
    buckets = _buckets(values)
    return "".join(f"# target {each:g}% {_at(each, values, buckets):.6g}\n" for each in TARGETS)


def codes(seen: Counter[int], total: int) -> str:
    """Return a line for each status: how often, and its share."""
    return "".join(
        f"Code {code:3} : {seen[code]} ({seen[code] * 100 / total:.1f} %)\n"
        for code in sorted(seen)
    )


def log(
    level: str, place: str, line: int, message: str, routine: int = 1, /, **more: object
) -> bytes:
    """Return a line of fortio's log."""
    told = {
        "ts": round(time.time(), 6), "level": level, "r": routine, "file": place, "line": line,
        "msg": message, **more,
    }  # fmt: skip
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def spoken(message: str) -> bytes:
    """Return a line of the log that `fortio curl` writes of what went wrong."""
    told = {"ts": round(time.time(), 6), "level": "warn", "msg": message, "src": "std"}
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def duration(seconds: float) -> str:
    """Return a time as Go writes it: 59.8524ms, 1.5s, 2m0s."""
    if seconds < 1:
        return f"{round(seconds * 1000, 6):.10g}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:.10g}s" if minutes else f"{rest:.10g}s"


def _shortest(value: float) -> str:
    return f"{round(value, 9):.15g}"


def _buckets(values: Sequence[float]) -> list[Bucket]:
    found: list[Bucket] = []
    below, before = 0, 0.0
    for bound in (*(each / 1000 for each in BOUNDS), float("inf")):
        count = sum(1 for each in values if each <= bound) - below
        if count:
            below += count
            first = before if found else min(values)
            found.append((first, bound, below * 100 / len(values), count))
        before = bound
    first, _, share, count = found[-1]
    return [*found[:-1], (first, max(values), share, count)]


def _at(percent: float, values: Sequence[float], buckets: Sequence[Bucket]) -> float:
    """Return how long so many percent took at most, taken evenly within a bucket."""
    passed = 100 / len(values)
    if percent <= passed:
        return min(values)
    for first, last, share, _ in buckets:
        if percent <= share:
            return first + (percent - passed) / (share - passed) * (last - first)
        passed = share
    return max(values)
