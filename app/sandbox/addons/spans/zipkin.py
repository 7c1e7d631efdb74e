"""Spans as Zipkin's format carries them, in JSON.

Source: https://zipkin.io/zipkin-api/#/default/post_spans
"""

import json
from collections.abc import Iterator

from app.sandbox.addons.spans.span import Span
from app.sandbox.objects import Json, Obj, strings, text

MICRO = 1e-6


def spans(body: bytes) -> list[Span]:
    """Return the spans of a list in Zipkin's second format. Raises: ValueError."""
    try:
        read: Json = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(read, list):
        raise ValueError("no list of spans")
    return list(_spans(read))


def _spans(read: list[Json]) -> Iterator[Span]:
    for each in read:
        if not isinstance(each, dict) or not text(each, "traceId") or not text(each, "id"):
            raise ValueError("a span needs traceId and id")
        tags = strings(each, "tags")
        yield Span(
            text(each, "traceId"),
            text(each, "id"),
            text(each, "parentId"),
            text(each, "localEndpoint.serviceName") or "unknown_service",
            text(each, "name"),
            text(each, "kind").lower(),
            _seconds(each, "timestamp"),
            max(0.0, _seconds(each, "duration")),
            tags,
            "error" in tags,
        )


def _seconds(span: Obj, field: str) -> float:
    value = span.get(field)
    return float(value) * MICRO if isinstance(value, int | float) else 0.0
