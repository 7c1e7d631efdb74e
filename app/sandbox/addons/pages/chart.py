"""Lines over time, as SVG."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from app.sandbox.addons.metrics.database import Sample
from app.sandbox.addons.pages.html import Html, el, together

WIDTH, HEIGHT = 460, 180
LEFT, RIGHT, TOP, BOTTOM = 56, 10, 10, 22
COLOURS = 8
MOST_LINES = 24
Scale: TypeAlias = Callable[[float], float]
TICKS_S = (15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True)
class Line:
    """One line: its name, and its points by time; a number that is none breaks it."""

    name: str
    points: Sequence[Sample]


def written(value: float, unit: str) -> str:
    """Return a value with its unit: reqps, percentunit, ms, bytes, short."""
    if not math.isfinite(value):
        return "–"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "ms":
        return f"{value / 1000:.3g} s" if value >= 1000 else f"{value:.3g} ms"
    if unit == "bytes":
        return f"{value / 1024:.3g} KiB" if value >= 1024 else f"{value:.3g} B"
    if unit == "reqps":
        return f"{value:.3g}/s"
    return f"{value:.4g}"


def chart(lines: Sequence[Line], start: float, end: float, unit: str, title: str) -> Html:
    """Return a chart with its legend; a sentence where there is nothing to draw."""
    lines = lines[:MOST_LINES]
    values = [value for line in lines for _, value in line.points if math.isfinite(value)]
    if not values:
        return el("p", "No data in this time: no request, no line.", class_="quiet")
    low, high = min(0.0, min(values)), max(values)
    marks = _marks(low, high)
    low, high = min(low, marks[0]), max(high, marks[-1])

    def x(at: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - start) / (end - start), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low)), 1)

    across = (
        together(
            el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y(mark), y2=y(mark), class_="grid"),
            el("text", written(mark, unit), x=LEFT - 6, y=y(mark) + 4, text_anchor="end",
               class_="small"),
        )
        for mark in marks
    )  # fmt: skip
    along = (
        el("text", clock(at, end - start), x=x(at), y=HEIGHT - 6, text_anchor="middle",
           class_="small")
        for at in _times(start, end)
    )  # fmt: skip
    drawn = (
        together(
            (el("path", d=path, class_=f"plot s{place % COLOURS}")
             for path in _paths(line.points, x, y)),
            (el("circle", el("title", f"{line.name}: {written(value, unit)}, {clock(at, 0)}"),
                cx=x(at), cy=y(value), r=2.2, class_=f"f{place % COLOURS}")
             for at, value in line.points if math.isfinite(value)),
        )
        for place, line in enumerate(lines)
    )  # fmt: skip
    picture = el(
        "svg", across, along, drawn,
        viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
        aria_label=title,
        class_="chart",
    )  # fmt: skip
    return together(picture, _legend(lines, unit))


def _legend(lines: Sequence[Line], unit: str) -> Html:
    def last(line: Line) -> str:
        values = [value for _, value in line.points if math.isfinite(value)]
        return f" {written(values[-1], unit)}" if values else ""

    return el(
        "ul",
        (
            el("li", el("i", class_=f"s{place % COLOURS}"), line.name, el("b", last(line)))
            for place, line in enumerate(lines)
        ),
        class_="legend",
    )


def _marks(low: float, high: float) -> list[float]:
    """Return round values from bottom to top, four or five of them."""
    if high <= low:
        high = low + 1
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough * 0.999)
    first = math.floor(low / step)
    return [step * number for number in range(first, math.ceil(high / step - 1e-9) + 1)]


def _times(start: float, end: float) -> list[float]:
    lasts = end - start
    step = next((each for each in TICKS_S if lasts / each <= 5), TICKS_S[-1])
    first = math.ceil(start / step) * step
    return [at for number in range(6) if (at := first + number * step) <= end - lasts * 0.02]


def clock(at: float, lasts_s: float) -> str:
    """Return a time of the day, with seconds where little time is shown."""
    return time.strftime("%H:%M" if lasts_s >= 600 else "%H:%M:%S", time.localtime(at))


def _paths(points: Sequence[Sample], x: Scale, y: Scale) -> list[str]:
    """Return the pieces of a line between its gaps."""
    pieces: list[list[str]] = [[]]
    gap_s = 2.5 * min((b[0] - a[0] for a, b in pairwise(points)), default=1.0)
    before = None
    for at, value in points:
        if not math.isfinite(value) or (before is not None and at - before > gap_s):
            pieces.append([])
        if math.isfinite(value):
            pieces[-1].append(f"{x(at)},{y(value)}")
        before = at
    return ["M" + " L".join(piece) for piece in pieces if len(piece) > 1]
