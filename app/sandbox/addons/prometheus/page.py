"""Prometheus' own page: ask something, see it as a table and a chart; and who is asked."""

import time
from urllib.parse import urlencode

from app.sandbox.addons.metrics.exposition import number, written
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import arguments, html
from app.sandbox.addons.pages.chart import Line, chart, clock
from app.sandbox.addons.pages.frame import Frame, note, select, table
from app.sandbox.addons.pages.html import Html, Inner, el
from app.sandbox.addons.promql.evaluate import query, query_range
from app.sandbox.addons.promql.nodes import QueryError
from app.sandbox.addons.promql.vectors import Ranges
from app.sandbox.programs.http import Request, Response

FRAME = Frame("Prometheus", (("/query", "Query"), ("/targets", "Targets")))
EXAMPLES = (
    "istio_requests_total",
    "sum by (destination_service, response_code) "
    '(rate(istio_requests_total{reporter="source"}[1m]))',
    "histogram_quantile(0.9, sum by (le, destination_service) "
    "(rate(istio_request_duration_milliseconds_bucket[1m])))",
)
TIMES = (("300", "5 minutes"), ("900", "15 minutes"), ("3600", "1 hour"))
MOST_ROWS = 200


async def answer(observatory: Observatory, request: Request) -> Response:
    """Return one of the pages."""
    if request.path == "/targets":
        return html(_targets(observatory))
    asked = dict(arguments(request))
    expression = asked.get("expr", asked.get("g0.expr", ""))
    lasts = asked.get("time", "900")
    lasts_s = float(lasts) if lasts in dict(TIMES) else 900.0
    found = await _found(observatory, expression, lasts_s) if expression.strip() else _examples()
    form = el(
        "form",
        el("label", "Expression", el("input", name="expr", value=expression, autofocus=True,
                                     spellcheck="false"), class_="grow"),
        select("time", "Chart of the last", TIMES, lasts),
        el("button", "Ask"),
        action="/query",
    )  # fmt: skip
    return html(FRAME.page("Query", form, found, at="/query"))


def _examples() -> Html:
    links = (el("li", el("a", el("code", each), href=_link(each))) for each in EXAMPLES)
    return el("section", el("p", "For example:"), el("ul", links))


def _link(expression: str) -> str:
    return f"/query?{urlencode({'expr': expression})}"


async def _found(observatory: Observatory, expression: str, lasts_s: float) -> Inner:
    database, now = observatory.database, time.time()
    if database is None:
        return note("The server is shutting down.", is_bad=True)
    try:
        value = query(database, expression, now)
        if isinstance(value, float | str):
            return el("p", el("code", value if isinstance(value, str) else number(value)))
        if isinstance(value, Ranges):
            cells = [
                (el("code", written(labels)), " ".join(number(each) for _, each in samples))
                for labels, samples in value.series[:MOST_ROWS]
            ]
            return table(("series", "samples"), cells)
        series = await query_range(database, expression, now - lasts_s, now, lasts_s / 60)
    except QueryError as error:
        return note(str(error), is_bad=True)
    lines = [Line(written(labels) or "value", samples) for labels, samples in series]
    rows = [(el("code", written(labels)), number(each)) for labels, each in value[:MOST_ROWS]]
    more = len(value) - len(rows)
    return (
        el("div", chart(lines, now - lasts_s, now, "short", expression), class_="sheet"),
        table(("series", "value now"), rows) if rows else note("Empty query result."),
        el("p", f"{more} more series are not shown.", class_="quiet") if more else None,
    )


def _targets(observatory: Observatory) -> Html:
    collector = observatory.collector
    rows = [
        (
            el("code", target.url),
            target.place.namespace,
            target.place.pod,
            clock(target.last_at, 0),
            el("span", "up", class_="good-text"),
        )
        for target in (collector.targets.values() if collector else ())
    ]
    said = el("p", "Every proxy of the mesh, found by itself, every 15 seconds.", class_="quiet")
    return FRAME.page(
        "Targets",
        said,
        table(("would be fetched from", "namespace", "pod", "last", "state"), rows),
        at="/targets",
        refresh_s=15,
    )
