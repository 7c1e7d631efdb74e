"""Prometheus' HTTP API.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import math
import time
from collections.abc import Iterator
from datetime import datetime

from app.sandbox.addons.metrics.database import Labels, Sample
from app.sandbox.addons.metrics.exposition import HELP, number
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import arguments, data
from app.sandbox.addons.promql.evaluate import query, query_range
from app.sandbox.addons.promql.matching import fits
from app.sandbox.addons.promql.nodes import QueryError, Selector
from app.sandbox.addons.promql.parser import parse
from app.sandbox.addons.promql.tokens import seconds
from app.sandbox.addons.promql.vectors import Ranges, Value
from app.sandbox.objects import Json, Obj
from app.sandbox.programs.http import Request, Response

PREFIX = "/api/v1/"
VERSION = "3.10.0"
STATUSES = {"bad_data": 400, "execution": 422, "not_found": 404}


class Api:
    """Answers what begins with /api/v1/ from the database that the observatory has now."""

    def __init__(self, observatory: Observatory) -> None:
        self._observatory = observatory

    async def answer(self, request: Request) -> Response:
        """Return the answer to a request."""
        pairs = arguments(request)
        asked = dict(reversed(pairs))
        path = request.path.removeprefix(PREFIX).strip("/")
        try:
            found = await self._found(path, asked, [v for key, v in pairs if key == "match[]"])
        except QueryError as error:
            return failure(error)
        return data({"status": "success", "data": found})

    async def _found(self, path: str, asked: dict[str, str], matches: list[str]) -> Json:
        database = self._observatory.database
        if database is None:
            raise QueryError("the server is shutting down", "execution")
        now = time.time()
        if path == "query":
            at = moment(asked.get("time", ""), now)
            return _result(query(database, asked.get("query", ""), at), at)
        if path == "query_range":
            start, end = moment(asked.get("start", ""), now), moment(asked.get("end", ""), now)
            step_s = _step(asked.get("step", ""))
            series = await query_range(database, asked.get("query", ""), start, end, step_s)
            rows: list[Json] = [
                {"metric": dict(labels), "values": [_point(each) for each in samples]}
                for labels, samples in series
            ]
            return {"resultType": "matrix", "result": rows}
        if path == "series":
            if not matches:
                raise QueryError("no match[] parameter provided")
            return [dict(labels) for labels in self._selected(matches)]
        if path == "labels":
            names = {name for labels in self._selected(matches) for name, _ in labels}
            return [*sorted(names)]
        if path.startswith("label/") and path.endswith("/values"):
            wanted = path.removeprefix("label/").removesuffix("/values")
            values = {dict(labels).get(wanted) for labels in self._selected(matches)}
            return [*sorted(value for value in values if value)]
        return self._about(path)

    def _selected(self, matches: list[str]) -> Iterator[Labels]:
        database = self._observatory.database
        assert database is not None
        if not matches:
            yield from (series.labels for series in database.select("", lambda series: True))
        for match in matches:
            node = parse(match)
            if not isinstance(node, Selector) or node.range_s:
                raise QueryError(f"{match!r} is no selector of series")
            yield from (each.labels for each in database.select(node.name, fits(node.matchers)))

    def _about(self, path: str) -> Json:
        if path == "targets":
            return {"activeTargets": [*self._targets()], "droppedTargets": []}
        if path == "metadata":
            return {
                name: [{"type": kind, "help": said, "unit": ""}]
                for name, (kind, said) in HELP.items()
            }
        if path == "status/buildinfo":
            return {"version": VERSION, "revision": "Mesh Dojo's stand-in"}
        if path == "rules":
            return {"groups": []}
        if path == "alerts":
            return {"alerts": []}
        raise QueryError(f"the stand-in does not serve {PREFIX}{path[:80]}", "not_found")

    def _targets(self) -> Iterator[Obj]:
        collector = self._observatory.collector
        for target in collector.targets.values() if collector else ():
            yield {
                "discoveredLabels": {},
                "labels": {**target.meter.target},
                "scrapePool": "kubernetes-pods",
                "scrapeUrl": target.url,
                "globalUrl": target.url,
                "lastError": "",
                "lastScrape": datetime.fromtimestamp(target.last_at).astimezone().isoformat(),
                "lastScrapeDuration": collector.lasted_s if collector else 0.0,
                "health": "up",
                "scrapeInterval": "15s",
                "scrapeTimeout": "10s",
            }


def failure(error: QueryError) -> Response:
    """Return the answer to a query that failed."""
    said: Obj = {"status": "error", "errorType": error.kind, "error": str(error)}
    return data(said, STATUSES.get(error.kind, 422))


def moment(written: str, now: float) -> float:
    """Return a time in seconds since 1970; `now` where nothing is said. Raises: QueryError."""
    if not written:
        return now
    try:
        found = float(written)
    except ValueError:
        try:
            found = datetime.fromisoformat(written.replace("Z", "+00:00")).timestamp()
        except ValueError:
            raise QueryError(f"cannot parse {written[:40]!r} to a valid timestamp") from None
    if not math.isfinite(found):
        raise QueryError(f"cannot parse {written[:40]!r} to a valid timestamp")
    return found


def _step(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        found = seconds(written)
    if not found:
        raise QueryError(
            f'invalid parameter "step": cannot parse {written[:40]!r} to a valid duration'
        )
    return found


def _point(sample: Sample) -> Json:
    return [round(sample[0], 3), number(sample[1])]


def _result(value: Value, at: float) -> Obj:
    if isinstance(value, float):
        return {"resultType": "scalar", "result": _point((at, value))}
    if isinstance(value, str):
        return {"resultType": "string", "result": [round(at, 3), value]}
    rows: list[Json]
    if isinstance(value, Ranges):
        rows = [
            {"metric": dict(labels), "values": [_point(each) for each in samples]}
            for labels, samples in value.series
            if samples
        ]
        return {"resultType": "matrix", "result": rows}
    rows = [{"metric": dict(labels), "value": _point((at, each))} for labels, each in value]
    return {"resultType": "vector", "result": rows}
