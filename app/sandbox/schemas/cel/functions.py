"""The functions and methods that rules call."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from app.sandbox.objects import Json
from app.sandbox.schemas.cel.parser import CelError
from app.sandbox.schemas.patterns import PatternError, found

Value: TypeAlias = "Json | timedelta | SplitResult"
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)")


def duration(value: Value) -> timedelta:
    """Return a duration written as Go does: `1h30m`, `0.5s`, `-2ms`. Raises: CelError."""
    written = str(value)
    body = written.lstrip("+-")
    if body == "0":
        return timedelta(0)
    parts = _PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        raise CelError("type conversion error from 'string' to 'google.protobuf.Duration'")
    total_s = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    return timedelta(seconds=-total_s if written.startswith("-") else total_s)


def _int(value: Value) -> int:
    if isinstance(value, (bool, int, float)):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[-+]?\d+", value):
        return int(value)
    raise CelError("type conversion error from 'string' to 'int'")


def _double(value: Value) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise CelError("type conversion error from 'string' to 'double'") from error


def _string(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def size(value: Value) -> int:
    """Return how many characters, items or fields there are."""
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise CelError("no such overload")


def _is_url(value: Value) -> bool:
    try:
        return _url(value) is not None
    except CelError:
        return False


def _url(value: Value) -> SplitResult:
    """Return an absolute URL, or an absolute path; as Go's ParseRequestURI wants it."""
    written = _text(value)
    try:
        url = urlsplit(written)
    except ValueError as error:
        raise CelError(f"URL parse error during conversion from string: {error}") from error
    if not url.scheme and not written.startswith("/"):
        raise CelError(
            "URL parse error during conversion from string: "
            f'parse "{written}": invalid URI for request'
        )
    return url


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise CelError("no such overload")
    return value


def _matches(value: Value, pattern: Value) -> bool:
    try:
        return found(_text(pattern), _text(value))
    except PatternError as error:
        raise CelError(str(error)) from error


def _substring(value: Value, start: Value, end: Value = None) -> str:
    text = _text(value)
    begin, stop = _int(start), len(text) if end is None else _int(end)
    if not 0 <= begin <= stop <= len(text):
        raise CelError(f"index out of range: {stop if begin <= len(text) else begin}")
    return text[begin:stop]


def _part_of(name: str) -> Callable[[Value], Value]:
    def part(value: Value) -> Value:
        if not isinstance(value, SplitResult):
            raise CelError("no such overload")
        return {
            "getScheme": value.scheme,
            "getHost": value.netloc.rpartition("@")[2],
            "getHostname": value.hostname or "",
            "getPort": str(value.port or ""),
            "getEscapedPath": value.path,
        }[name]

    return part


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "size": size,
    "duration": duration,
    "int": _int,
    "uint": _int,
    "double": _double,
    "string": _string,
    "url": _url,
    "isURL": _is_url,
}
METHODS: Mapping[str, Callable[..., Value]] = {
    "size": size,
    "contains": lambda value, part: _text(part) in _text(value),
    "startsWith": lambda value, part: _text(value).startswith(_text(part)),
    "endsWith": lambda value, part: _text(value).endswith(_text(part)),
    "matches": _matches,
    "substring": _substring,
    "lowerAscii": lambda value: _text(value).lower(),
    "upperAscii": lambda value: _text(value).upper(),
    "trim": lambda value: _text(value).strip(),
    "indexOf": lambda value, part: _text(value).find(_text(part)),
    "replace": lambda value, old, new: _text(value).replace(_text(old), _text(new)),
    "split": lambda value, sign: list(_text(value).split(_text(sign))),
    "join": lambda value, sign="": _text(sign).join(
        _text(one) for one in value if isinstance(value, list)
    ),
    **{
        name: _part_of(name)
        for name in ("getScheme", "getHost", "getHostname", "getPort", "getEscapedPath")
    },
}
