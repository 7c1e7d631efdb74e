"""What functions make of vectors and ranges.

Source: https://prometheus.io/docs/prometheus/latest/querying/functions/
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from app.sandbox.addons.metrics.database import Labels, Sample
from app.sandbox.addons.promql.vectors import Ranges, Vector, nameless

OverTime = Callable[[Sequence[Sample], float, float], float | None]


def grown(samples: Sequence[Sample]) -> float:
    """Return by how much a counter grew from its first sample to its last, new starts included."""
    if len(samples) < 2:
        return 0.0
    again = sum(before[1] for before, after in pairwise(samples) if after[1] < before[1])
    return samples[-1][1] - samples[0][1] + again


def _extrapolated(
    samples: Sequence[Sample], start: float, end: float, *, is_counter: bool, is_rate: bool
) -> float | None:
    """Return by how much a series grew in a window, as Prometheus reckons it at its edges."""
    if len(samples) < 2:
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    more = grown(samples) if is_counter else last - first
    lasted = last_at - first_at
    step = lasted / (len(samples) - 1)
    to_start, to_end = first_at - start, end - last_at
    if to_start >= step * 1.1:
        to_start = step / 2
    if is_counter and more > 0 and first >= 0:
        to_start = min(to_start, lasted * first / more)  # a counter was never below 0
    if to_end >= step * 1.1:
        to_end = step / 2
    more *= (lasted + to_start + to_end) / lasted
    return more / (end - start) if is_rate else more


def _irate(samples: Sequence[Sample], start: float, end: float) -> float | None:
    if len(samples) < 2:
        return None
    (before_at, before), (at, value) = samples[-2], samples[-1]
    return (value - before if value >= before else value) / (at - before_at)


def _simple(function: Callable[[list[float]], float]) -> OverTime:
    return lambda samples, start, end: function([value for _, value in samples])


OVER_TIME: Mapping[str, OverTime] = {
    "rate": lambda s, a, b: _extrapolated(s, a, b, is_counter=True, is_rate=True),
    "increase": lambda s, a, b: _extrapolated(s, a, b, is_counter=True, is_rate=False),
    "delta": lambda s, a, b: _extrapolated(s, a, b, is_counter=False, is_rate=False),
    "irate": _irate,
    "idelta": lambda s, a, b: s[-1][1] - s[-2][1] if len(s) > 1 else None,
    "sum_over_time": _simple(lambda values: float(sum(values))),
    "avg_over_time": _simple(lambda values: sum(values) / len(values)),
    "min_over_time": _simple(min),
    "max_over_time": _simple(max),
    "count_over_time": _simple(lambda values: float(len(values))),
    "last_over_time": _simple(lambda values: values[-1]),
    "changes": _simple(lambda values: float(sum(a != b for a, b in _neighbours(values)))),
    "resets": _simple(lambda values: float(sum(b < a for a, b in _neighbours(values)))),
}
EACH: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": lambda value: float(math.ceil(value)) if math.isfinite(value) else value,
    "floor": lambda value: float(math.floor(value)) if math.isfinite(value) else value,
    "exp": lambda value: math.exp(min(value, 709.0)),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
    "ln": lambda value: _logarithm(value, math.log),
    "log2": lambda value: _logarithm(value, math.log2),
    "log10": lambda value: _logarithm(value, math.log10),
    "sgn": lambda value: float((value > 0) - (value < 0)),
}


def _neighbours(values: list[float]) -> list[tuple[float, float]]:
    return list(pairwise(values))


def _logarithm(value: float, function: Callable[[float], float]) -> float:
    if value > 0:
        return function(value)
    return -math.inf if value == 0 else math.nan


def over_time(function: str, ranges: Ranges) -> Vector:
    """Return what a function of OVER_TIME makes of each series; one without enough is left out."""
    found: Vector = []
    keeps_name = function == "last_over_time"
    for labels, samples in ranges.series:
        value = OVER_TIME[function](samples, ranges.start, ranges.end) if samples else None
        if value is not None:
            found.append((labels if keeps_name else nameless(labels), value))
    return found


def histogram_quantile(share: float, buckets: Vector) -> Vector:
    """Return, of each histogram among series with a label `le`, below which value a share lies."""
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, value in buckets:
        bound = dict(labels).get("le", "")
        try:
            upper = math.inf if bound in ("+Inf", "Inf") else float(bound)
        except ValueError:
            continue
        rest = tuple(pair for pair in nameless(labels) if pair[0] != "le")
        groups.setdefault(rest, []).append((upper, value))
    return [(labels, _quantile(share, sorted(found))) for labels, found in groups.items()]


def _quantile(share: float, buckets: list[tuple[float, float]]) -> float:
    if math.isnan(share) or len(buckets) < 2 or buckets[-1][0] != math.inf:
        return math.nan
    if share < 0 or share > 1:
        return math.copysign(math.inf, share)
    highest, rising = 0.0, []
    for upper, count in buckets:
        highest = max(highest, count)
        rising.append((upper, highest))
    if not highest:
        return math.nan
    rank = share * highest
    place = next(i for i, (_, count) in enumerate(rising) if count >= rank)
    if place == len(rising) - 1:
        return rising[-2][0]
    upper, count = rising[place]
    lower, below = rising[place - 1] if place else (0.0, 0.0)
    if not place and upper <= 0:
        return upper
    inside = count - below
    return lower + (upper - lower) * ((rank - below) / inside) if inside else upper


def rounded(value: float, unit: float) -> float:
    """Return the multiple of a unit that is nearest, of two the greater."""
    units = value / unit + 0.5 if unit else math.nan
    return math.floor(units) * unit if math.isfinite(units) else units


def quantile(share: float, values: Sequence[float]) -> float:
    """Return the value below which a share of values lies, interpolated."""
    if share < 0 or share > 1 or math.isnan(share):
        return math.nan if math.isnan(share) else math.copysign(math.inf, share)
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)
