"""A graph as SVG."""

from app.sandbox.addons.kiali.graph import SERVICE, WORKLOAD, Edge, Graph, Node
from app.sandbox.addons.kiali.layout import NODE_HEIGHT, NODE_WIDTH, Layout, layout
from app.sandbox.addons.pages.html import Html, el, together

RED, AMBER = 0.1, 0.001  # shares of failed requests
LONGEST = 22  # letters of a name in its box


def drawing(graph: Graph) -> Html:
    """Return the picture of a graph."""
    places = layout(graph)
    edges = [_edge(pair, edge, graph, places) for pair, edge in graph.edges.items()]
    nodes = [_node(node, graph, places) for node in graph.nodes]
    marks = (
        el(
            "marker",
            el("path", d="M0,0 L8,4 L0,8 z", class_=f"tip {kind}"),
            id=f"tip-{kind or 'good'}", viewBox="0 0 8 8", refX=7, refY=4, markerWidth=8,
            markerHeight=8, markerUnits="userSpaceOnUse", orient="auto",
        )
        for kind in ("", "warn", "bad", "none")
    )  # fmt: skip
    return el(
        "svg",
        el("defs", marks),
        (line for line, _ in edges),
        nodes,
        (label for _, label in edges),
        viewBox=f"0 0 {places.width:.0f} {places.height:.0f}",
        width=f"{places.width:.0f}",
        height=f"{places.height:.0f}",
        class_="graph",
        role="img",
        aria_label="Who calls whom; the table below says the same",
    )


def health(edge: Edge) -> str:
    """Return the class of an edge: bad, warn, none (no request) or empty for well."""
    if not edge.requests:
        return "none"
    if edge.failing >= RED:
        return "bad"
    return "warn" if edge.failing >= AMBER or edge.refusing >= RED else ""


def rate(edge: Edge, window_s: float) -> str:
    """Return requests a second; where they are few, how many there were."""
    each_s = edge.requests / window_s
    return f"{each_s:.2f}/s" if each_s >= 0.095 else f"{edge.requests:.0f} in {_minutes(window_s)}"


def _minutes(window_s: float) -> str:
    return f"{window_s / 60:.0f} min"


def _edge(pair: tuple[Node, Node], edge: Edge, graph: Graph, places: Layout) -> tuple[Html, Html]:
    """Return an edge's line, and the label upon it."""
    (x1, y1), (x2, y2) = places.places[pair[0]], places.places[pair[1]]
    half = NODE_WIDTH / 2
    if x2 > x1:
        start, end = (x1 + half, y1), (x2 - half - 3, y2)
        bend = (end[0] - start[0]) * 0.45
        curve = (f"M{start[0]:.0f},{start[1]:.0f} C{start[0] + bend:.0f},{start[1]:.0f} "
                 f"{end[0] - bend:.0f},{end[1]:.0f} {end[0]:.0f},{end[1]:.0f}")  # fmt: skip
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    else:  # back to a column before, or to itself: around above
        up = min(y1, y2) - NODE_HEIGHT
        curve = (f"M{x1:.0f},{y1 - NODE_HEIGHT / 2:.0f} C{x1:.0f},{up:.0f} {x2:.0f},{up:.0f} "
                 f"{x2:.0f},{y2 - NODE_HEIGHT / 2 - 3:.0f}")  # fmt: skip
        middle = ((x1 + x2) / 2, up + 12)
    kind = health(edge)
    line = el("path", d=curve, class_=f"edge {kind}".strip(),
              marker_end=f"url(#tip-{kind or 'good'})")  # fmt: skip
    return line, _label(pair, edge, graph, middle)


def _label(pair: tuple[Node, Node], edge: Edge, graph: Graph, middle: tuple[float, float]) -> Html:
    said = rate(edge, graph.window_s)
    if edge.failing >= 0.0005:
        said += f" · {edge.failing * 100:.3g} % errors"
    of_all = sum(each.requests for (source, _), each in graph.edges.items() if source == pair[0])
    if pair[0].kind == SERVICE and of_all > edge.requests + 0.5:
        said = f"{100 * edge.requests / of_all:.0f} % · {said}"
    wide = len(said) * 6.3 + (20 if edge.is_proved else 8)
    x, y = middle
    left = x - wide / 2
    proof = f", {'' if edge.is_proved else 'not '}all by mutual TLS" if edge.known else ""
    return el(
        "g",
        el("title", f"{pair[0].name} → {pair[1].name}: {said}{proof}"),
        el("rect", x=f"{left:.0f}", y=f"{y - 10:.0f}", width=f"{wide:.0f}", height=19, rx=5,
           class_="tag"),
        _lock(left + 5, y - 6) if edge.is_proved else None,
        el("text", said, x=f"{left + (17 if edge.is_proved else 4):.0f}", y=f"{y + 4:.0f}"),
    )  # fmt: skip


def _lock(x: float, y: float) -> Html:
    return together(
        el("rect", x=f"{x:.0f}", y=f"{y + 4:.0f}", width=8, height=7, rx=1.5, class_="lock"),
        el("path", d=f"M{x + 1.8:.1f},{y + 5:.1f} v-2 a2.2,2.4 0 0 1 4.4,0 v2", fill="none",
           class_="shackle"),
    )  # fmt: skip


def _node(node: Node, graph: Graph, places: Layout) -> Html:
    x, y = places.places[node]
    coming = [edge for (_, target), edge in graph.edges.items() if target == node]
    is_bad = any(health(edge) == "bad" for edge in coming)
    is_workload = node.kind == WORKLOAD
    box = el(
        "rect",
        x=f"{x - NODE_WIDTH / 2:.0f}",
        y=f"{y - NODE_HEIGHT / 2:.0f}",
        width=NODE_WIDTH,
        height=NODE_HEIGHT,
        rx=8 if is_workload else NODE_HEIGHT / 2,
        class_=f"node {node.kind}{' bad' if is_bad else ''}",
    )
    name = node.name if len(node.name) <= LONGEST else f"{node.name[: LONGEST - 1]}…"
    kind = "workload" if is_workload else "service" if node.kind == SERVICE else "not of the mesh"
    below = " · ".join(each for each in (kind, node.version, node.namespace) if each)
    below = below if len(below) <= LONGEST + 6 else f"{below[: LONGEST + 5]}…"
    return el(
        "g",
        el("title", f"{node.name} ({kind}{f', {node.version}' if node.version else ''}) "
                    f"{node.namespace}"),
        box,
        el("text", name, x=f"{x:.0f}", y=f"{y - 3:.0f}", text_anchor="middle"),
        el("text", below, x=f"{x:.0f}", y=f"{y + 14:.0f}", text_anchor="middle", class_="small"),
    )  # fmt: skip
