"""Where each node of a graph stands: in columns, callers to the left of whom they call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.addons.kiali.graph import Graph, Node

COLUMN, ROW = 390, 84
NODE_WIDTH, NODE_HEIGHT = 184, 46
EDGE = 24
ROUNDS = 4


@dataclass(frozen=True)
class Layout:
    """The middle of each node, and the size of the whole."""

    places: Mapping[Node, tuple[float, float]]
    width: float
    height: float


def layout(graph: Graph) -> Layout:
    """Return the places of a graph's nodes."""
    columns = _ordered(_columns(graph), graph)
    tallest = max((len(column) for column in columns), default=1)
    height = tallest * ROW + 2 * EDGE
    places = {}
    for number, column in enumerate(columns):
        above = (height - len(column) * ROW) / 2
        for row, node in enumerate(column):
            x = EDGE + NODE_WIDTH / 2 + number * COLUMN
            places[node] = (x, above + (row + 0.5) * ROW)
    width = max(1, len(columns)) * COLUMN - (COLUMN - NODE_WIDTH) + 2 * EDGE
    return Layout(places, width, height)


def _columns(graph: Graph) -> list[list[Node]]:
    """Return the nodes by the longest way that leads to them; a circle is cut where it closes."""
    calls: dict[Node, list[Node]] = {node: [] for node in graph.nodes}
    for source, target in graph.edges:
        if source != target:
            calls[source].append(target)
    order, back = _walked(calls)
    depth = dict.fromkeys(graph.nodes, 0)
    for node in order:
        for target in calls[node]:
            if (node, target) not in back:
                depth[target] = max(depth[target], depth[node] + 1)
    columns: list[list[Node]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for node in graph.nodes:
        columns[depth[node]].append(node)
    return columns


def _walked(calls: Mapping[Node, Sequence[Node]]) -> tuple[list[Node], set[tuple[Node, Node]]]:
    """Return the nodes, callers first, and the calls that close a circle."""
    done: list[Node] = []
    back: set[tuple[Node, Node]] = set()
    state: dict[Node, int] = {}
    called = {target for targets in calls.values() for target in targets}
    for start in sorted(calls, key=lambda node: node in called):
        todo = [(start, iter(calls[start]))] if start not in state else []
        state.setdefault(start, 1)
        while todo:
            node, targets = todo[-1]
            target = next(targets, None)
            if target is None:
                state[node] = 2
                done.append(node)
                todo.pop()
            elif target not in state:
                state[target] = 1
                todo.append((target, iter(calls[target])))
            elif state[target] == 1:
                back.add((node, target))
    return done[::-1], back


def _ordered(columns: list[list[Node]], graph: Graph) -> list[list[Node]]:
    """Return columns in which neighbours stand near each other, so that few lines cross."""
    near: dict[Node, list[Node]] = {node: [] for node in graph.nodes}
    for source, target in graph.edges:
        near[source].append(target)
        near[target].append(source)
    columns = [sorted(column, key=lambda n: (n.namespace, n.name, n.version)) for column in columns]
    for turn in range(ROUNDS):
        height = {
            node: (row + 0.5) / len(column) for column in columns for row, node in enumerate(column)
        }
        passing = columns if turn % 2 else columns[::-1]
        for column in passing:
            middles = {
                node: sum(height[each] for each in near[node]) / len(near[node])
                for node in column
                if near[node]
            }
            column.sort(key=lambda node: middles.get(node, 0.5))
            height |= {node: (row + 0.5) / len(column) for row, node in enumerate(column)}
    return columns
