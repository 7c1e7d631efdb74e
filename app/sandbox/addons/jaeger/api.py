"""Jaeger's JSON API, as far as its page and curious learners ask it."""

import time

from app.sandbox.addons.pages.answers import data
from app.sandbox.addons.spans.kept import Spans, Trace
from app.sandbox.objects import Json, Obj
from app.sandbox.programs.http import Response

MOST = 200


def answer(spans: Spans, path: str, asked: dict[str, str]) -> Response:
    """Return services, their operations, or traces."""
    if path == "services":
        return _listed([*spans.services()])
    if path.startswith("services/") and path.endswith("/operations"):
        service = path.removeprefix("services/").removesuffix("/operations")
        return _listed([*spans.operations(service)])
    if path == "traces":
        if not asked.get("service"):
            return _failed(400, "parameter 'service' is required")
        limit = asked.get("limit", "20")
        found = spans.search(
            asked["service"],
            operation=asked.get("operation", ""),
            since=time.time() - 2 * 86_400,
            limit=min(int(limit), MOST) if limit.isdecimal() and len(limit) < 6 else 20,
        )
        return _listed([_trace(trace) for trace in found])
    trace = spans.trace(path.removeprefix("traces/")) if path.startswith("traces/") else None
    if trace is not None:
        return _listed([_trace(trace)])
    return _failed(404, "trace not found" if path.startswith("traces/") else "page not found")


def _listed(found: list[Json]) -> Response:
    return data({"data": found, "total": len(found), "limit": 0, "offset": 0, "errors": None})


def _failed(status: int, message: str) -> Response:
    errors: list[Json] = [{"code": status, "msg": message}]
    return data({"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}, status)


def _trace(trace: Trace) -> Obj:
    numbers = {service: f"p{place + 1}" for place, service in enumerate(trace.services)}
    found: list[Json] = []
    for span in trace.spans:
        tags: list[Json] = [
            {"key": key, "type": "string", "value": value} for key, value in span.tags.items()
        ]
        if span.kind:
            tags.append({"key": "span.kind", "type": "string", "value": span.kind})
        refers: list[Json] = [
            {"refType": "CHILD_OF", "traceID": span.trace, "spanID": parent}
            for parent in (span.parent,)
            if parent
        ]
        found.append(
            {
                "traceID": trace.id,
                "spanID": span.id,
                "operationName": span.name,
                "references": refers,
                "startTime": int(span.start * 1e6),
                "duration": int(span.duration_s * 1e6),
                "tags": tags,
                "logs": [],
                "processID": numbers[span.service],
            }
        )
    processes: Obj = {
        number: {"serviceName": service, "tags": []} for service, number in numbers.items()
    }
    return {"traceID": trace.id, "spans": found, "processes": processes}
