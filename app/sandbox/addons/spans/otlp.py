"""Spans as OpenTelemetry's protocol carries them, in protobuf.

Source: https://github.com/open-telemetry/opentelemetry-proto (collector/trace/v1, trace/v1)
"""

import struct
from collections.abc import Iterator
from typing import TypeAlias

from app.sandbox.addons.spans.span import CLIENT, SERVER, Span
from app.sandbox.proxy.protobuf import fields_of

Fields: TypeAlias = "dict[int, list[int | bytes]]"
KINDS = {2: SERVER, 3: CLIENT, 4: "producer", 5: "consumer"}
ERROR = 2  # of a status' codes
NANO = 1e-9
DEEPEST = 4  # lists and maps inside an attribute


def spans(body: bytes) -> list[Span]:
    """Return the spans of an ExportTraceServiceRequest. Raises: ValueError."""
    found = []
    for resource_spans in _blocks(_fields(body), 1):
        parts = _fields(resource_spans)
        resource = _first(parts, 1)
        about = dict(_attributes(_fields(resource), 1)) if resource else {}
        service = about.get("service.name") or "unknown_service"
        for scope in _blocks(parts, 2):
            found += [_span(each, service) for each in _blocks(_fields(scope), 2)]
    return found


def _span(body: bytes, service: str) -> Span:
    read = _fields(body)
    start, end = _time(read, 7), _time(read, 8)
    tags = dict(_attributes(read, 9))
    status = _fields(_first(read, 15))
    kind = read.get(6, [0])[-1]
    return Span(
        _first(read, 1).hex(),
        _first(read, 2).hex(),
        _first(read, 4).hex(),
        service,
        _first(read, 5).decode(errors="replace"),
        KINDS.get(kind, "") if isinstance(kind, int) else "",
        start * NANO,
        max(0, end - start) * NANO,
        tags,
        ERROR in status.get(3, []) or tags.get("error") == "true",
    )


def _fields(body: bytes) -> Fields:
    found: Fields = {}
    for number, value in fields_of(body):
        found.setdefault(number, []).append(value)
    return found


def _blocks(read: Fields, number: int) -> list[bytes]:
    return [value for value in read.get(number, []) if isinstance(value, bytes)]


def _first(read: Fields, number: int) -> bytes:
    return next(iter(_blocks(read, number)), b"")


def _time(read: Fields, number: int) -> int:
    """Return a time in nanoseconds."""
    value = _first(read, number)
    return int.from_bytes(value, "little") if len(value) == 8 else 0


def _attributes(read: Fields, number: int) -> Iterator[tuple[str, str]]:
    for pair in _blocks(read, number):
        parts = _fields(pair)
        yield _first(parts, 1).decode(errors="replace"), _value(_first(parts, 2), 0)


def _value(body: bytes, depth: int) -> str:
    """Return an attribute's value as text."""
    if depth > DEEPEST:
        return "…"
    for number, value in fields_of(body):
        if number == 2:
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value - (1 << 64) if value >> 63 else value)
        if number == 1:
            return value.decode(errors="replace")
        if number == 4 and len(value) == 8:
            return f"{struct.unpack('<d', value)[0]:g}"
        if number == 5:
            inner = (_value(each, depth + 1) for each in _blocks(_fields(value), 1))
            return f"[{', '.join(inner)}]"
        if number == 6:
            pairs = (f"{k}: {v}" for k, v in _attributes(_fields(value), 1))
            return f"{{{', '.join(pairs)}}}" if depth < DEEPEST else "…"
        return value.hex()
    return ""
