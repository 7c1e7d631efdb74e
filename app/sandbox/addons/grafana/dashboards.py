"""Dashboards as their files say: of Grafana's JSON the title, the variables, the queries."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.objects import Json, Obj, items, text
from app.sandbox.shell.files import Files

FOLDER = "/var/lib/grafana/dashboards"
MOST_PANELS, MOST_QUERIES = 30, 12
_VALUES = re.compile(r"label_values\((?:(?P<of>.+),)?\s*(?P<label>[a-zA-Z_][a-zA-Z0-9_]*)\s*\)")
_WINDOWS = {"__rate_interval": "1m", "__interval": "15s"}
_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Query:
    """One expression of a panel, and how its lines are called (`{{label}}`)."""

    expression: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """A chart."""

    title: str
    unit: str
    queries: Sequence[Query]


@dataclass(frozen=True)
class Variable:
    """What one can choose: the values of a label, of the series that `selector` names."""

    name: str
    label: str
    selector: str
    of: str


@dataclass(frozen=True)
class Dashboard:
    """A dashboard; `uid` is its place in an address."""

    uid: str
    title: str
    variables: Sequence[Variable]
    panels: Sequence[Panel]


def dashboards(files: Files) -> Mapping[str, Dashboard]:
    """Return the dashboards that are mounted, by uid; a file that is none is left out."""
    found = {}
    for path in sorted(files.paths()):
        if path.startswith(f"{FOLDER}/") and path.endswith(".json"):
            try:
                read: Json = json.loads(files.read(path))
            except (ValueError, RecursionError, OSError):
                continue
            if isinstance(read, dict):
                name = path.rpartition("/")[2].removesuffix(".json")
                made = _dashboard(read, name)
                found[made.uid] = made
    return found


def _dashboard(read: Obj, name: str) -> Dashboard:
    panels = [panel for panel in items(read, "panels") if items(panel, "targets")]
    return Dashboard(
        text(read, "uid") or name,
        text(read, "title") or name,
        [made for each in items(read, "templating.list") if (made := _variable(each))],
        [_panel(each) for each in panels[:MOST_PANELS]],
    )


def _variable(read: Obj) -> Variable | None:
    asked = text(read, "query") or text(read, "query.query")
    match = _VALUES.fullmatch(asked.strip())
    if text(read, "type") != "query" or match is None:
        return None
    name = text(read, "name")
    return Variable(name, match["label"], (match["of"] or "").strip(), text(read, "label") or name)


def _panel(read: Obj) -> Panel:
    queries = [
        Query(text(each, "expr"), text(each, "legendFormat"))
        for each in items(read, "targets")[:MOST_QUERIES]
    ]
    unit = text(read, "fieldConfig.defaults.unit", "short")
    return Panel(text(read, "title"), unit, queries)


def filled(expression: str, chosen: Mapping[str, str]) -> str:
    """Return an expression with each `$name` put in, as a pattern that fits that value."""
    values = {name: _PLAIN.sub(".", value) for name, value in chosen.items()}

    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return _WINDOWS.get(name) or values.get(name, match[0])

    return re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", put, expression)


def named(legend: str, labels: Mapping[str, str]) -> str:
    """Return the name of a line."""
    if not legend or legend == "__auto":
        inner = ", ".join(f"{key}={value}" for key, value in labels.items() if key != "__name__")
        return inner or labels.get("__name__", "value")
    put = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), legend)
    return put.strip() or "–"
