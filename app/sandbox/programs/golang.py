"""How servers written in Go look from outside: flags, header order, JSON, words of errors."""

import json
import math
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from app.sandbox.objects import Json
from app.sandbox.programs.http import Headers, Request, Response, http_date

PLAIN = "text/plain; charset=utf-8"
CHUNKED_FROM = 2048  # bytes; a longer answer of unknown length leaves Go's buffer in chunks
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+")


class BadFlag(Exception):
    """A command line that Go's flag package refuses; its text is what that prints first."""


def read_flags(words: list[str], known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the flags' values over their defaults, and the words after them. Raises: BadFlag."""
    values = dict(known)
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "--"):
        name, equals, value = rest.pop(0).lstrip("-").partition("=")
        if name not in known:
            raise BadFlag(f"flag provided but not defined: -{name}")
        if not equals and known[name] in ("true", "false"):
            value = "true"
        elif not equals:
            if not rest:
                raise BadFlag(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        values[name] = value
    return values, rest[1:] if rest[:1] == ["--"] else rest


def usage(path: str, known: Mapping[str, str]) -> list[str]:
    """Return the lines that follow a BadFlag."""
    lines = [f"Usage of {path}:"]
    for name, default in sorted(known.items()):
        lines += [f"  -{name}", f"    \t(default {default!r})" if default else "    \t"]
    return lines


def port_of(listen: str) -> int | None:
    """Return the port of an address such as `:5678` or `0.0.0.0:80`; None if there is none."""
    _host, colon, port = listen.rpartition(":")
    return int(port) if colon and port.isdigit() and 0 < int(port) < 65536 else None


def answer(
    status: int, body: bytes = b"", own: Mapping[str, str] | None = None, kind: str = ""
) -> Response:
    """Return an answer with its headers in Go's order.

    `own` are those that the program sets, which Go sorts; what it adds itself comes after them.
    `kind` is a content type that Go found out by looking at the body.
    """
    headers: Headers = sorted((own or {}).items())
    has_length = any(name == "Content-Length" for name, _ in headers)
    is_long = len(body) > CHUNKED_FROM and not has_length
    headers.append(("Date", http_date()))
    if not has_length and not is_long and status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    if kind:
        headers.append(("Content-Type", kind))
    return Response(status, headers, _piece(body) if is_long else body)


async def _piece(body: bytes) -> AsyncIterator[bytes]:
    yield body


def canonical(name: str) -> str:
    """Return a header's name as Go keeps it: `x-request-id` is `X-Request-Id`."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def request_headers(request: Request) -> dict[str, list[str]]:
    """Return a request's headers as Go's http.Header, its Host among them, sorted."""
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name.lower() not in ("transfer-encoding", "connection"):
            found.setdefault(canonical(name), []).append(value)
    return dict(sorted(found.items()))


def pretty(value: Json) -> bytes:
    """Return JSON indented by two spaces, with its line end."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def whole(value: Json) -> Json:
    """Return decoded JSON with numbers as Go prints them: 2.0 is 2."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    if isinstance(value, list):
        return [whole(each) for each in value]
    if isinstance(value, dict):
        return {key: whole(each) for key, each in sorted(value.items())}
    return value


def log_time() -> str:
    """Return the time as Go's log package begins a line."""
    return datetime.now().strftime("%Y/%m/%d %H:%M:%S")


def parse_seconds(text: str) -> float:
    """Return the seconds of `1.5` or `1m30s`. Raises: ValueError with Go's words."""
    if _DURATION.fullmatch(text):
        parts = re.findall(r"(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)", text)
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    return parse_float(text)


def parse_float(text: str) -> float:
    """Return a float. Raises: ValueError with Go's words."""
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')


def parse_int(text: str, function: str = "Atoi") -> int:
    """Return an integer. Raises: ValueError with Go's words."""
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    why = "value out of range" if re.fullmatch(r"[+-]?\d+", text) else "invalid syntax"
    raise ValueError(f'strconv.{function}: parsing "{text}": {why}')


def duration(seconds: float) -> str:
    """Return a time span as Go prints it: `1.5s`, `20ms`, `1m30s`."""
    if seconds == 0:
        return "0s"
    for unit, size in (("µs", 1e-6), ("ms", 1e-3)):
        if abs(seconds) < size * 1000:
            return f"{round(seconds / size, 6):g}{unit}"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    told = f"{int(hours)}h" if hours else ""
    told += f"{int(minutes)}m" if told or minutes else ""
    return told + f"{round(rest, 9):g}s"
