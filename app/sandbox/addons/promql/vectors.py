"""What an expression comes to, and what is done with two of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from app.sandbox.addons.metrics.database import Labels, Sample
from app.sandbox.addons.promql.nodes import Matching, QueryError

Vector: TypeAlias = list[tuple[Labels, float]]


@dataclass(frozen=True)
class Ranges:
    """Several samples of each series, between two times."""

    series: list[tuple[Labels, list[Sample]]]
    start: float
    end: float


Value: TypeAlias = "float | str | Vector | Ranges"


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def _rest(a: float, b: float) -> float:
    return math.fmod(a, b) if b and math.isfinite(a) else math.nan


def _power(a: float, b: float) -> float:
    try:
        found = a**b
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf
    return math.nan if isinstance(found, complex) else float(found)


ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": _rest,
    "^": _power,
    "atan2": math.atan2,
}
COMPARING: Mapping[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def nameless(labels: Labels) -> Labels:
    """Return labels without the metric's name."""
    return tuple(pair for pair in labels if pair[0] != "__name__")


def chosen(labels: Labels, names: tuple[str, ...], *, is_without: bool) -> Labels:
    """Return the labels of these names, or all but these; never the metric's name."""
    return tuple(
        pair for pair in labels if (pair[0] in names) != is_without and pair[0] != "__name__"
    )


def combined(op: str, left: Value, right: Value, matching: Matching, *, is_bool: bool) -> Value:
    """Return what an operator makes of two values. Raises: QueryError."""
    if isinstance(left, str | Ranges) or isinstance(right, str | Ranges):
        raise QueryError("binary expression must contain only scalar and instant vector types")
    if isinstance(left, float) and isinstance(right, float):
        if op in COMPARING and not is_bool:
            raise QueryError("comparisons between scalars must use BOOL modifier")
        if op not in COMPARING and op not in ARITHMETIC:
            raise QueryError(f'set operator "{op}" not allowed in binary scalar expression')
        return _applied(op, left, right)
    if op in ("and", "or", "unless"):
        if isinstance(left, float) or isinstance(right, float):
            raise QueryError(f'set operator "{op}" not allowed in binary scalar expression')
        return _sets(op, left, right, matching)
    if isinstance(left, list) and isinstance(right, list):
        return _paired(op, left, right, matching, is_bool=is_bool)
    return _each(op, left, right, is_bool=is_bool)


def _applied(op: str, a: float, b: float) -> float:
    return ARITHMETIC[op](a, b) if op in ARITHMETIC else float(COMPARING[op](a, b))


def _each(op: str, left: Value, right: Value, *, is_bool: bool) -> Vector:
    """Combine a vector and a number."""
    found: Vector = []
    is_left = isinstance(left, list)
    vector = left if isinstance(left, list) else right
    number = right if is_left else left
    assert isinstance(vector, list)
    assert isinstance(number, float)
    for labels, value in vector:
        a, b = (value, number) if is_left else (number, value)
        if op in COMPARING and not is_bool:
            if COMPARING[op](a, b):
                found.append((labels, value))
        else:
            found.append((nameless(labels), _applied(op, a, b)))
    return found


def _key(labels: Labels, matching: Matching) -> Labels:
    return chosen(labels, matching.labels, is_without=not matching.is_on)


def _sets(op: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    if op == "or":
        known = {_key(labels, matching) for labels, _ in left}
        return [*left, *(each for each in right if _key(each[0], matching) not in known)]
    known = {_key(labels, matching) for labels, _ in right}
    return [each for each in left if (_key(each[0], matching) in known) == (op == "and")]


def _paired(op: str, left: Vector, right: Vector, matching: Matching, *, is_bool: bool) -> Vector:
    """Combine the elements of two vectors that have the same labels."""
    is_swapped = matching.side == "right"
    many, one = (right, left) if is_swapped else (left, right)
    partners: dict[Labels, tuple[Labels, float]] = {}
    for each in one:
        key = _key(each[0], matching)
        if key in partners:
            side = "left" if is_swapped else "right"
            raise QueryError(
                f"found duplicate series for the match group on the {side} hand-side of the "
                "operation: many-to-many matching not allowed",
                "execution",
            )
        partners[key] = each
    found: Vector = []
    taken: set[Labels] = set()
    for labels, value in many:
        key = _key(labels, matching)
        partner = partners.get(key)
        if partner is None:
            continue
        if not matching.side and key in taken:
            raise QueryError(
                "multiple matches for labels: many-to-one matching must be explicit "
                "(group_left/group_right)",
                "execution",
            )
        taken.add(key)
        a, b = (partner[1], value) if is_swapped else (value, partner[1])
        if op in COMPARING and not is_bool:
            if COMPARING[op](a, b):
                found.append((labels, a))
        else:
            found.append((_result(labels, partner[0], matching), _applied(op, a, b)))
    return found


def _result(labels: Labels, partner: Labels, matching: Matching) -> Labels:
    if not matching.side:
        return _key(labels, matching)
    more = {name: value for name, value in partner if name in matching.included}
    return tuple(sorted({**dict(nameless(labels)), **more}.items()))
