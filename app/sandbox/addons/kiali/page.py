"""Kiali's pages: the graph, and the list of Istio's objects."""

import time
from collections.abc import Sequence

from app.sandbox.addons.kiali.config import details, listed
from app.sandbox.addons.kiali.drawing import drawing, health, rate
from app.sandbox.addons.kiali.frame import BASE, CONFIG, FRAME, GRAPH
from app.sandbox.addons.kiali.graph import SERVICE, Graph, graph
from app.sandbox.addons.observatory import Observatory
from app.sandbox.addons.pages.answers import arguments, html, moved, plain
from app.sandbox.addons.pages.frame import note, select, table
from app.sandbox.addons.pages.html import Html, Inner, el
from app.sandbox.programs.http import Request, Response
from app.sandbox.store.store import Store

TIMES = (("60", "1 minute"), ("300", "5 minutes"), ("600", "10 minutes"), ("1800", "30 minutes"),
         ("3600", "1 hour"))  # fmt: skip
REFRESH_S = 10
MOST_EDGES = 150
NO_PROMETHEUS = (
    "Kiali draws what Prometheus has counted, and Prometheus does not answer. "
    "Is its pod in istio-system ready?"
)
NO_TRAFFIC = (
    "No request was counted in this time. The graph is drawn from requests: "
    "send some, or choose a longer time. New ones are counted every 15 seconds."
)


def answer(observatory: Observatory, store: Store, request: Request) -> Response:
    """Return a page."""
    path = request.path.rstrip("/")
    pairs = arguments(request)
    if path in ("", BASE):
        return moved(GRAPH)
    if path == f"{BASE}/healthz":
        return plain("")
    if path == GRAPH:
        return html(_graph(observatory, pairs))
    if path == CONFIG:
        return html(listed(store, observatory.marks(), dict(pairs).get("namespace", "")))
    if path.startswith(f"{CONFIG}/"):
        parts = path.removeprefix(f"{CONFIG}/").split("/")
        found = details(store, observatory.marks(), parts)
        if found is None:
            return html(FRAME.page("No such object", note("It may have been deleted.")), 404)
        return html(found)
    return plain("404 page not found\n", 404)


def _graph(observatory: Observatory, pairs: Sequence[tuple[str, str]]) -> Html:
    database = observatory.database
    asked = dict(pairs)
    if database is None:
        bad = note(NO_PROMETHEUS, is_bad=True)
        return FRAME.page("Traffic Graph", bad, at=GRAPH, refresh_s=REFRESH_S)
    lasts = asked.get("duration", "300")
    lasts = lasts if lasts in dict(TIMES) else "300"
    whole = graph(database, time.time(), float(lasts))
    wanted = [value for key, value in pairs if key == "namespace"]
    known = sorted({*whole.namespaces(), *wanted})
    shown = whole.within(wanted) if wanted else whole
    is_live = asked.get("live") != "off"
    boxes = (
        el("label", el("input", type="checkbox", name="namespace", value=each,
                       checked=each in wanted), each, class_="box")
        for each in known
    )  # fmt: skip
    form = el(
        "form",
        el("fieldset", el("legend", "Namespaces (none: all)"), boxes),
        select("duration", "The last", TIMES, lasts),
        select(
            "live", "Anew", (("on", "every 10 s"), ("off", "never")), "on" if is_live else "off"
        ),
        el("button", "Show"),
        action=GRAPH,
    )
    refresh_s = REFRESH_S if is_live else 0
    return FRAME.page("Traffic Graph", form, _shown(shown), at=GRAPH, refresh_s=refresh_s)


def _shown(shown: Graph) -> Inner:
    if not shown.edges:
        return note(NO_TRAFFIC)
    many = len(shown.edges) - MOST_EDGES
    if many > 0:
        busiest = sorted(shown.edges.items(), key=lambda each: -each[1].requests)[:MOST_EDGES]
        shown = Graph(shown.window_s, dict(busiest))
    said = (
        "Rounded boxes are services, the others workloads. Green: well. Red: one of ten or more "
        "failed. A lock: all of it by mutual TLS."
    )
    return (
        el("div", drawing(shown), class_="sheet", tabindex="0"),
        el("p", said, f" {many} less busy calls are left out." if many > 0 else "", class_="quiet"),
        _table(shown),
    )


def _table(shown: Graph) -> Html:
    rows = [
        (
            source.name,
            f"{target.name} (service)" if target.kind == SERVICE else target.name,
            target.version or "–",
            target.namespace or "–",
            rate(edge, shown.window_s),
            el("span", f"{edge.failing * 100:.3g} %",
               class_="bad-text" if health(edge) == "bad" else None),
            "yes" if edge.is_proved else "not all" if edge.known else "not known",
        )
        for (source, target), edge in sorted(
            shown.edges.items(), key=lambda each: (each[0][0].name, each[0][1].name)
        )
    ]  # fmt: skip
    head = ("from", "to", "version", "namespace", "requests", "failed", "mutual TLS")
    return table(head, rows)
