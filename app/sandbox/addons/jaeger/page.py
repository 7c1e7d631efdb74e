"""Jaeger's pages: a search for traces, and one trace as a waterfall."""

import time
from urllib.parse import urlencode

from app.sandbox.addons.jaeger import api
from app.sandbox.addons.jaeger.waterfall import lasting, waterfall
from app.sandbox.addons.pages.answers import arguments, html, moved, plain
from app.sandbox.addons.pages.frame import Frame, note, select
from app.sandbox.addons.pages.html import Html, el
from app.sandbox.addons.spans.kept import Spans, Trace
from app.sandbox.programs.http import Request, Response

BASE = "/jaeger"
FRAME = Frame("Jaeger", ((f"{BASE}/search", "Search"),))
TIMES = (("300", "5 minutes"), ("900", "15 minutes"), ("3600", "1 hour"), ("172800", "2 days"))
LIMITS = ("20", "50", "200")


def answer(spans: Spans, request: Request) -> Response:
    """Return a page, or what the API says."""
    path = request.path.removeprefix(BASE) or "/"
    if path == "/":
        return moved(f"{BASE}/search")
    if path == "/search":
        return html(_search(spans, dict(arguments(request))))
    if path.startswith("/trace/"):
        trace = spans.trace(path.removeprefix("/trace/"))
        return html(_trace(trace)) if trace else html(_missing(), 404)
    if path.startswith("/api/"):
        return api.answer(spans, path.removeprefix("/api/"), dict(arguments(request)))
    return plain("404 page not found\n", 404)


def _missing() -> Html:
    said = "No span of this trace has come, or newer ones have taken its place."
    return FRAME.page("No such trace", note(said))


def _search(spans: Spans, asked: dict[str, str]) -> Html:
    services = spans.services()
    service = asked.get("service", "")
    lookback = asked.get("lookback", "3600")
    lookback = lookback if lookback in dict(TIMES) else "3600"
    limit = asked.get("limit", "20")
    limit = limit if limit in LIMITS else "20"
    only_errors = asked.get("errors") == "on"
    operation = asked.get("operation", "") if service else ""
    operations = spans.operations(service) if service else []
    form = el(
        "form",
        select("service", "Service", [(each, each) for each in services], service, empty="all"),
        select("operation", "Operation", [(each, each) for each in operations], operation,
               empty="all") if service else None,
        select("lookback", "Of the last", TIMES, lookback),
        el("label", "At least ms", el("input", name="least", type="number", min=0, max=600000,
                                      value=asked.get("least", ""))),
        select("limit", "At most", [(each, each) for each in LIMITS], limit),
        el("label", el("input", type="checkbox", name="errors", checked=only_errors),
           "with errors", class_="box"),
        el("button", "Find Traces"),
        action=f"{BASE}/search",
    )  # fmt: skip
    least = asked.get("least", "")
    found = spans.search(
        service,
        operation=operation,
        since=time.time() - float(lookback),
        least_s=int(least) / 1000 if least.isdecimal() and len(least) < 9 else 0.0,
        only_errors=only_errors,
        limit=int(limit),
    )
    if not found:
        said = (
            "No trace fits this search."
            if services
            else "No span has come yet. Spans are made where a Telemetry object names the provider "
            "jaeger, and then by each request."
        )
        return FRAME.page("Search", form, note(said), at=f"{BASE}/search")
    longest = max(trace.duration_s for trace in found)
    count = el("p", f"{_counted(len(found), 'trace')}, the newest first", class_="quiet")
    rows = [_found(trace, longest) for trace in found]
    return FRAME.page("Search", form, count, rows, at=f"{BASE}/search")


def _found(trace: Trace, longest_s: float) -> Html:
    root = trace.root
    width = max(0.5, 100 * trace.duration_s / longest_s) if longest_s else 100
    errors = el("span", f" · {_counted(trace.errors, 'error')}", class_="bad-text")
    return el(
        "section",
        el(
            "p",
            el("b", el("a", f"{root.service}: {root.name}", href=f"{BASE}/trace/{trace.id}")),
            " ",
            el("span", trace.id[:7], class_="quiet mono"),
        ),
        el(
            "svg",
            el("rect", width=f"{width:.2f}%", height=8, rx=3, class_="f0"),
            el("title", lasting(trace.duration_s)),
            width="100%",
            height=8,
        ),
        el(
            "p",
            f"{_counted(len(trace.spans), 'span')} · {', '.join(trace.services)} · ",
            time.strftime("%H:%M:%S", time.localtime(trace.start)),
            errors if trace.errors else None,
            class_="quiet",
        ),
        el("p", lasting(trace.duration_s), class_="quiet"),
        class_="sheet trace",
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _trace(trace: Trace) -> Html:
    root = trace.root
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(trace.start))
    said = el(
        "p",
        el("span", trace.id, class_="mono"),
        f" · {began} · {lasting(trace.duration_s)} · "
        f"{_counted(len(trace.services), 'service')} · {_counted(len(trace.spans), 'span')}",
        class_="quiet",
    )
    search = f"{BASE}/search?{urlencode({'service': root.service})}"
    back = el("p", el("a", "Back to the search", href=search))
    return FRAME.page(f"{root.service}: {root.name}", said, waterfall(trace), back)
