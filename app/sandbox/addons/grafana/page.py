"""Grafana's pages: the list of dashboards, and one with its charts."""

import asyncio
import time
from collections.abc import Mapping

from app.sandbox.addons.grafana.dashboards import Dashboard, Panel, Variable, filled, named
from app.sandbox.addons.metrics.database import Database
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.chart import Line, chart
from app.sandbox.addons.pages.frame import Frame, note, select, table
from app.sandbox.addons.pages.html import Html, el
from app.sandbox.addons.promql.evaluate import query_range
from app.sandbox.addons.promql.matching import fits
from app.sandbox.addons.promql.nodes import QueryError, Selector
from app.sandbox.addons.promql.parser import parse

FRAME = Frame("Grafana", (("/dashboards", "Dashboards"),))
TIMES = (("300", "5 minutes"), ("900", "15 minutes"), ("3600", "1 hour"))
POINTS = 60
REFRESH_S = 15
NO_PROMETHEUS = (
    "Grafana keeps no numbers of its own; it asks Prometheus, and Prometheus does not answer. "
    "Is its pod in istio-system ready?"
)


def listed(found: Mapping[str, Dashboard]) -> Html:
    """Return the list of dashboards."""
    rows = [
        (el("a", each.title, href=f"/d/{each.uid}"), f"{len(each.panels)} charts")
        for each in sorted(found.values(), key=lambda each: each.title)
    ]
    shown = table(("dashboard", ""), rows) if rows else note("No dashboard is mounted.")
    return FRAME.page("Dashboards", shown, at="/dashboards")


async def shown(observatory: Observatory, dashboard: Dashboard, asked: Mapping[str, str]) -> Html:
    """Return a dashboard with its charts."""
    database = observatory.database
    if database is None:
        return FRAME.page(dashboard.title, note(NO_PROMETHEUS, is_bad=True), refresh_s=REFRESH_S)
    lasts = asked.get("time", "900")
    lasts = lasts if lasts in dict(TIMES) else "900"
    chosen: dict[str, str] = {}
    choices = []
    for variable in dashboard.variables:
        values = _values(database, variable)
        value = asked.get(f"var-{variable.name}") or next(iter(values), "")
        chosen[variable.name] = value
        pairs = [(each, each) for each in values]
        choices.append(select(f"var-{variable.name}", variable.of, pairs, value))
    form = el(
        "form", choices, select("time", "The last", TIMES, lasts), el("button", "Show"),
        action=f"/d/{dashboard.uid}",
    )  # fmt: skip
    end = time.time()
    start = end - float(lasts)
    panels = []
    for panel in dashboard.panels:
        panels.append(await _drawn(database, panel, chosen, (start, end)))
        await asyncio.sleep(0)  # the rest of the sandbox goes on meanwhile
    return FRAME.page(
        dashboard.title, form, el("div", panels, class_="panels"), refresh_s=REFRESH_S
    )


def _values(database: Database, variable: Variable) -> list[str]:
    try:
        node = parse(variable.selector) if variable.selector else Selector("", ())
        if not isinstance(node, Selector):
            return []
        found = database.select(node.name, fits(node.matchers))
    except QueryError:
        return []
    values = {dict(series.labels).get(variable.label, "") for series in found}
    return sorted(values - {"", "unknown"})


async def _drawn(
    database: Database, panel: Panel, chosen: Mapping[str, str], times: tuple[float, float]
) -> Html:
    start, end = times
    step_s = max(15.0, (end - start) / POINTS)
    start = end - step_s * int((end - start) / step_s)
    lines, faults = [], []
    for query in panel.queries:
        try:
            expression = filled(query.expression, chosen)
            for labels, samples in await query_range(database, expression, start, end, step_s):
                lines.append(Line(named(query.legend, dict(labels)), samples))
        except QueryError as error:
            faults.append(note(str(error), is_bad=True))
    picture = chart(lines, start, end, panel.unit, panel.title)
    return el("section", el("h2", panel.title), faults, picture, class_="sheet")
