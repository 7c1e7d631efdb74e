"""What an expression says of a value."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.sandbox.schemas.cel.functions import FUNCTIONS, METHODS, Value
from app.sandbox.schemas.cel.parser import Call, CelError, Constant, Field, Name, Node, parse

LONGEST = 1_000_000  # characters or items that may be added up
MOST_STEPS = 100_000  # of one rule on one object; a real server has a budget of its own
_COMPARED: Mapping[str, Callable[..., object]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


def evaluate(rule: str, names: Mapping[str, Value]) -> Value:
    """Return what a rule says, given what its variables are. Raises: CelError."""
    return _Evaluation().of(parse(rule), dict(names))


@dataclass
class _Evaluation:
    steps: int = 0

    def of(self, node: Node, names: dict[str, Value]) -> Value:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise CelError("validation failed due to running out of cost budget")
        match node:
            case Constant(value):
                return value
            case Name(name):
                if name not in names:
                    raise CelError(f"undeclared reference to '{name}'")
                return names[name]
            case Field(of, name):
                return _field(self.of(of, names), name)
            case Call(name, parts, is_method):
                return self._call(name, parts, is_method, names)

    def _call(
        self, name: str, parts: tuple[Node, ...], is_method: bool, names: dict[str, Value]
    ) -> Value:
        if name in ("&&", "||"):
            return self._logic(name == "||", parts, names)
        if name == "?:":
            return self.of(parts[1] if self.of(parts[0], names) is True else parts[2], names)
        if name == "has" and not is_method:
            return self._has(parts[0], names)
        if is_method and name in MACROS and len(parts) == 3:
            return self._macro(name, parts, names)
        values = [self.of(part, names) for part in parts]
        if is_method or name in FUNCTIONS:
            return _applied(METHODS if is_method else FUNCTIONS, name, values)
        return _operated(name, values)

    def _logic(self, decides: bool, parts: tuple[Node, ...], names: dict[str, Value]) -> bool:
        """Return `a || b` (`decides` True) or `a && b`; a side that decides hides an error."""
        failure: CelError | None = None
        for part in parts:
            try:
                if self.of(part, names) is decides:
                    return decides
            except CelError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return not decides

    def _has(self, node: Node, names: dict[str, Value]) -> bool:
        if not isinstance(node, Field):
            raise CelError("invalid argument to has() macro")
        value = self.of(node.of, names)
        return isinstance(value, dict) and node.name in value

    def _macro(self, name: str, parts: tuple[Node, ...], names: dict[str, Value]) -> Value:
        of, variable, body = parts
        if not isinstance(variable, Name):
            raise CelError("argument must be a simple name")
        values = self.of(of, names)
        if not isinstance(values, (list, dict)):
            raise CelError("no such overload")
        inner = dict(names)

        def said() -> Iterator[Value]:
            for value in list(values):
                inner[variable.name] = value
                yield self.of(body, inner)

        if name == "all":
            return all(value is True for value in said())
        if name == "exists":
            return any(value is True for value in said())
        if name == "exists_one":
            return sum(value is True for value in said()) == 1
        results = list(said())
        if name == "map":
            return [value for value in results if not isinstance(value, (timedelta, tuple))]
        return [value for value, kept in zip(values, results, strict=True) if kept is True]


def _field(value: Value, name: str) -> Value:
    if not isinstance(value, dict):
        raise CelError("no such overload")
    if name not in value:
        raise CelError(f"no such key: {name}")
    return value[name]


def _applied(known: Mapping[str, Callable[..., Value]], name: str, values: list[Value]) -> Value:
    function = known.get(name)
    if function is None:
        raise CelError(f"undeclared reference to '{name}'")
    try:
        return function(*values)
    except TypeError as error:
        raise CelError("no such overload") from error
    except (ValueError, OverflowError) as error:
        raise CelError("integer overflow" if name == "int" else "range error") from error


def _operated(name: str, values: list[Value]) -> Value:
    try:
        return _made(name, values) if name in ("list", "map") else _reckoned(name, values)
    except TypeError as error:
        raise CelError("no such overload") from error
    except (ZeroDivisionError, OverflowError) as error:
        raise CelError("division by zero") from error


def _made(name: str, values: list[Value]) -> Value:
    """Return a list or a map literal."""
    plain = [value for value in values if not isinstance(value, (timedelta, tuple))]
    if name == "list":
        return plain
    return {str(key): value for key, value in zip(plain[::2], plain[1::2], strict=True)}


def _reckoned(name: str, values: list[Value]) -> Value:
    match name, values:
        case "not", [bool() as value]:
            return not value
        case "negative", [int() | float() as value]:
            return -value
        case "[]", [list() as listed, int() as place] if 0 <= place < len(listed):
            found: Value = listed[place]
            return found
        case "[]", [dict() as fields, str() as key]:
            return _field(fields, key)
        case "[]", [list(), place]:
            raise CelError(f"index out of bounds: {place}")
        case "in", [value, list() | dict() as among]:
            return value in among
        case "==", [one, other]:
            return one == other
        case "!=", [one, other]:
            return one != other
        case sign, [one, other] if sign in _COMPARED:
            return bool(_COMPARED[sign](one, other))
        case "+", [str() as one, str() as other] if len(one) + len(other) < LONGEST:
            return one + other
        case "+", [list() as one, list() as other] if len(one) + len(other) < LONGEST:
            return one + other
        case "+", [int() | float() as one, int() | float() as other]:
            return one + other
        case "-", [int() | float() as one, int() | float() as other]:
            return one - other
        case "*", [int() | float() as one, int() | float() as other]:
            return one * other
        case "/", [int() as one, int() as other]:
            return int(one / other)
        case "/", [int() | float() as one, int() | float() as other]:
            return one / other
        case "%", [int() as one, int() as other]:
            return one - other * int(one / other)
    raise CelError("no such overload")
