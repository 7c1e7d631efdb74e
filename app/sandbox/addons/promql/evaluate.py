"""Queries answered from a database: at one time, or at many."""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.sandbox.addons.metrics.database import Database, Labels, Sample, Series
from app.sandbox.addons.promql import functions
from app.sandbox.addons.promql.matching import fits
from app.sandbox.addons.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    QueryError,
    Selector,
    Text,
)
from app.sandbox.addons.promql.parser import parse
from app.sandbox.addons.promql.vectors import Ranges, Value, Vector, chosen, combined, nameless

MOST_STEPS = 11_000
MOST_SAMPLES = 1_000_000  # that one query may look at
BREATH = 20_000  # samples after which the rest of the sandbox has its turn
MEANS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
    "group": lambda values: 1.0,
    "stdvar": lambda values: _variance(values),
    "stddev": lambda values: math.sqrt(_variance(values)),
}


def query(database: Database, expression: str, at: float) -> Value:
    """Return what an expression comes to at a time. Raises: QueryError."""
    return _Evaluation(database).value(parse(expression), at)


async def query_range(
    database: Database, expression: str, start: float, end: float, step_s: float
) -> list[tuple[Labels, list[Sample]]]:
    """Return the series that an expression comes to, at each step. Raises: QueryError."""
    if step_s <= 0 or not math.isfinite(step_s):
        raise QueryError('invalid parameter "step": zero or negative query resolution step widths')
    if end < start:
        raise QueryError('invalid parameter "end": end timestamp must not be before start time')
    if (end - start) / step_s > MOST_STEPS:
        raise QueryError(
            "exceeded maximum resolution of 11,000 points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    node, evaluation = parse(expression), _Evaluation(database)
    found: dict[Labels, list[Sample]] = {}
    turn = BREATH
    for number in range(math.floor((end - start) / step_s) + 1):
        at = start + number * step_s
        value = evaluation.value(node, at)
        if isinstance(value, str | Ranges):
            raise QueryError(
                "invalid expression type for range query, must be Scalar or instant Vector"
            )
        vector: Vector = [((), value)] if isinstance(value, float) else value
        for labels, each in vector:
            found.setdefault(labels, []).append((at, each))
        if evaluation.seen >= turn:
            turn = evaluation.seen + BREATH
            await asyncio.sleep(0)
    return sorted(found.items())


@dataclass
class _Evaluation:
    database: Database
    seen: int = 0
    selected: dict[Selector, list[Series]] = field(default_factory=dict)

    def value(self, node: Node, at: float) -> Value:
        """Return what a part comes to at a time."""
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Text):
            return node.value
        if isinstance(node, Selector):
            return self._selected(node, at)
        if isinstance(node, Aggregate):
            return self._aggregated(node, at)
        if isinstance(node, Binary):
            left, right = self.value(node.left, at), self.value(node.right, at)
            return combined(node.op, left, right, node.matching, is_bool=node.is_bool)
        return self._called(node, at)

    def _series(self, node: Selector) -> list[Series]:
        if node not in self.selected:
            self.selected[node] = self.database.select(node.name, fits(node.matchers))
        return self.selected[node]

    def _selected(self, node: Selector, at: float) -> Value:
        at -= node.offset_s
        if node.range_s:
            start = at - node.range_s
            found = []
            for series in self._series(node):
                samples = self.database.samples(series, start, at)
                self._count(len(samples) + 1)
                found.append((series.labels, samples))
            return Ranges(found, start, at)
        vector: Vector = []
        for series in self._series(node):
            self._count(1)
            sample = self.database.at(series, at)
            if sample is not None:
                vector.append((series.labels, sample[1]))
        return vector

    def _count(self, samples: int) -> None:
        self.seen += samples
        if self.seen > MOST_SAMPLES:
            raise QueryError(
                "query processing would load too many samples into memory in query execution",
                "execution",
            )

    def _vector(self, node: Node, at: float, user: str) -> Vector:
        value = self.value(node, at)
        if not isinstance(value, list):
            raise QueryError(f"expected type instant vector in {user}")
        return value

    def _number(self, node: Node, at: float, user: str) -> float:
        value = self.value(node, at)
        if not isinstance(value, float):
            raise QueryError(f"expected type scalar in {user}")
        return value

    def _aggregated(self, node: Aggregate, at: float) -> Vector:
        user = "aggregation expression"
        vector = self._vector(node.part, at, user)
        parameter = self._number(node.parameter, at, user) if node.parameter else 0.0
        groups: dict[Labels, Vector] = {}
        for labels, value in vector:
            key = chosen(labels, node.labels, is_without=node.is_without)
            groups.setdefault(key, []).append((labels, value))
        if node.operation in ("topk", "bottomk"):
            most = max(0, int(parameter)) if math.isfinite(parameter) else 0
            return [
                each
                for found in groups.values()
                for each in _ordered(found, is_descending=node.operation == "topk")[:most]
            ]
        result: Vector = []
        for key, found in groups.items():
            values = [value for _, value in found]
            if node.operation == "quantile":
                result.append((key, functions.quantile(parameter, values)))
            else:
                result.append((key, MEANS[node.operation](values)))
        return result

    def _called(self, node: Call, at: float) -> Value:
        name, arguments = node.function, node.arguments
        user = f'call to function "{name}"'
        if name in functions.OVER_TIME:
            value = self.value(_only(arguments, name), at)
            if not isinstance(value, Ranges):
                raise QueryError(f"expected type range vector in {user}")
            return functions.over_time(name, value)
        if name in functions.EACH:
            change = functions.EACH[name]
            return _each(self._vector(_only(arguments, name), at, user), change)
        if name == "time" and not arguments:
            return at
        if name == "histogram_quantile" and len(arguments) == 2:
            share = self._number(arguments[0], at, user)
            return functions.histogram_quantile(share, self._vector(arguments[1], at, user))
        if name in ("clamp_min", "clamp_max") and len(arguments) == 2:
            bound = self._number(arguments[1], at, user)
            clamp = max if name == "clamp_min" else min
            return _each(self._vector(arguments[0], at, user), lambda each: clamp(each, bound))
        if name == "round" and len(arguments) in (1, 2):
            unit = self._number(arguments[1], at, user) if len(arguments) == 2 else 1.0
            vector = self._vector(arguments[0], at, user)
            return _each(vector, lambda each: functions.rounded(each, unit))
        if name == "vector":
            return [((), self._number(_only(arguments, name), at, user))]
        if name in ("scalar", "absent", "sort", "sort_desc", "timestamp"):
            return _shaped(name, self._vector(_only(arguments, name), at, user), at)
        known = {*functions.OVER_TIME, *functions.EACH, "time", "round", "clamp_min", "clamp_max"}
        if name in known or name == "histogram_quantile":
            raise QueryError(f"wrong number of arguments in {user}: {len(arguments)}")
        raise QueryError(f"the stand-in does not know the function {name}", "execution")


def _only(arguments: tuple[Node, ...], name: str) -> Node:
    if len(arguments) != 1:
        raise QueryError(f'expected 1 argument(s) in call to "{name}", got {len(arguments)}')
    return arguments[0]


def _each(vector: Vector, change: Callable[[float], float]) -> Vector:
    return [
        (nameless(labels), value if math.isnan(value) else float(change(value)))
        for labels, value in vector
    ]


def _shaped(name: str, vector: Vector, at: float) -> Value:
    if name == "scalar":
        return vector[0][1] if len(vector) == 1 else math.nan
    if name == "absent":
        return [] if vector else [((), 1.0)]
    if name == "timestamp":
        return [(nameless(labels), at) for labels, _ in vector]
    return _ordered(vector, is_descending=name == "sort_desc")


def _ordered(vector: Iterable[tuple[Labels, float]], *, is_descending: bool) -> Vector:
    """Return elements by value; what is no number comes last."""
    sign = -1 if is_descending else 1
    return sorted(
        vector, key=lambda each: (math.isnan(each[1]), 0 if each[1] != each[1] else sign * each[1])
    )


def _variance(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) * (value - mean) for value in values) / len(values)
