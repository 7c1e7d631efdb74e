"""One trace as a waterfall: each span's bar where it was in time, indented below its parent."""

from collections.abc import Iterator

from app.sandbox.addons.pages.html import Html, el
from app.sandbox.addons.spans.kept import Trace
from app.sandbox.addons.spans.span import Span

WIDTH = 700
MARKS = 4
ROOM = 66  # of a duration beside its bar
COLOURS = 8


def lasting(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    if seconds >= 0.001:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds * 1e6:.0f} µs"


def nested(trace: Trace) -> list[tuple[Span, int]]:
    """Return the spans, each below its parent, with how deep it lies."""
    known = {span.id for span in trace.spans}
    children: dict[str, list[Span]] = {}
    for span in trace.spans:
        parent = span.parent if span.parent in known and span.parent != span.id else ""
        children.setdefault(parent, []).append(span)
    found: list[tuple[Span, int]] = []
    seen: set[int] = set()
    todo = [(span, 0) for span in reversed(children.get("", []))]
    while todo:
        span, depth = todo.pop()
        if id(span) in seen:
            continue
        seen.add(id(span))
        found.append((span, depth))
        todo += [(each, depth + 1) for each in reversed(children.get(span.id, []))]
    rest = [(span, 0) for span in trace.spans if id(span) not in seen]  # a circle of parents
    return [*found, *rest]


def waterfall(trace: Trace) -> Html:
    """Return the picture, a span a row; its details open on a click."""
    colours = {service: place % COLOURS for place, service in enumerate(trace.services)}
    rows = (_row(span, depth, trace, colours[span.service]) for span, depth in nested(trace))
    scale = el(
        "div",
        el("span", "Service and operation", class_="name quiet"),
        el("svg", _scale(trace), viewBox=f"0 0 {WIDTH} 18", width="100%", aria_hidden="true"),
        class_="scale",
    )
    return el("section", el("div", scale, rows, class_="spans"), class_="sheet")


def _scale(trace: Trace) -> Iterator[Html]:
    for number in range(MARKS + 1):
        anchor = "start" if not number else "end" if number == MARKS else "middle"
        said = lasting(trace.duration_s * number / MARKS)
        x = WIDTH * number / MARKS
        yield el("text", said, x=x, y=13, text_anchor=anchor, class_="small")


def _row(span: Span, depth: int, trace: Trace, colour: int) -> Html:
    whole = trace.duration_s or 1e-9
    left = WIDTH * (span.start - trace.start) / whole
    width = max(2.0, WIDTH * span.duration_s / whole)
    left = min(left, WIDTH - width)
    grid = (
        el("line", x1=WIDTH * number / MARKS, x2=WIDTH * number / MARKS, y1=0, y2=22, class_="grid")
        for number in range(MARKS + 1)
    )
    if left + width < WIDTH - ROOM:  # where the duration stands: behind, before, or inside the bar
        x, anchor, kind = left + width + 6, "start", "small halo"
    elif left > ROOM:
        x, anchor, kind = left - 6, "end", "small halo"
    else:
        x, anchor, kind = left + 6, "start", "inside"
    name = el(
        "span",
        el("i", class_=f"dot s{colour}"),
        el("b", span.service),
        " ",
        span.name,
        el("span", f" {span.kind}", class_="quiet") if span.kind else None,
        el("span", " error", class_="bad-text") if span.is_error else None,
        class_="name",
        style=f"margin-left:{min(depth, 12)}rem",
    )
    picture = el(
        "svg",
        grid,
        el("rect", x=round(left, 1), y=4, width=round(width, 1), height=14, rx=3,
           class_=f"f{colour}"),
        el("text", lasting(span.duration_s), x=round(x, 1), y=15, text_anchor=anchor, class_=kind),
        viewBox=f"0 0 {WIDTH} 22", width="100%", role="img",
        aria_label=f"{lasting(span.start - trace.start)} after the beginning, "
                   f"for {lasting(span.duration_s)}",
    )  # fmt: skip
    tags = (el("tr", el("th", key, scope="row"), el("td", value)) for key, value in _about(span))
    return el("details", el("summary", name, picture), el("table", tags), class_="span")


def _about(span: Span) -> list[tuple[str, str]]:
    own = [("span", span.id), ("parent", span.parent or "none: the trace begins here")]
    return [*own, *sorted(span.tags.items())]
