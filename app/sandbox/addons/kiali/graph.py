"""Who calls whom, from the numbers of some minutes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.sandbox.addons.metrics.database import Database
from app.sandbox.addons.promql.functions import grown

WORKLOAD, SERVICE, UNKNOWN = "workload", "service", "unknown"
LEAST = 1e-9
EARLIER_S = 0.001  # so that the sample at the window's beginning is within
SENT = (
    "source_workload", "source_workload_namespace", "source_version", "destination_service_name",
    "destination_service_namespace", "destination_service", "destination_workload",
    "destination_workload_namespace", "destination_version", "response_code",
)  # fmt: skip
PROVED = (
    "source_workload", "source_workload_namespace", "destination_workload",
    "destination_workload_namespace", "connection_security_policy",
)  # fmt: skip
PASSED = ("PassthroughCluster", "BlackHoleCluster")


@dataclass(frozen=True)
class Node:
    """A workload, or a service between it and its callers."""

    kind: str
    name: str
    namespace: str
    version: str = ""


@dataclass
class Edge:
    """Requests of some time from one node to another: how many, how many failed, how many
    were proved by mutual TLS (of those of which that is known)."""

    requests: float = 0.0
    failed: float = 0.0
    refused: float = 0.0  # 4xx
    known: float = 0.0
    proved: float = 0.0

    @property
    def failing(self) -> float:
        """Return the share of requests that failed: 5xx, or no answer at all."""
        return self.failed / self.requests if self.requests else 0.0

    @property
    def refusing(self) -> float:
        """Return the share of requests that were answered with 4xx."""
        return self.refused / self.requests if self.requests else 0.0

    @property
    def is_proved(self) -> bool:
        """Whether all requests went by mutual TLS, as far as anybody knows."""
        return self.known > LEAST and self.proved / self.known > 0.999


@dataclass
class Graph:
    """Nodes and what goes between them in `window_s` seconds."""

    window_s: float
    edges: dict[tuple[Node, Node], Edge] = field(default_factory=dict)

    @property
    def nodes(self) -> list[Node]:
        """Return all nodes, in order of appearance."""
        return list(dict.fromkeys(node for pair in self.edges for node in pair))

    def namespaces(self) -> list[str]:
        """Return the namespaces that take part, by name."""
        return sorted({node.namespace for node in self.nodes if node.namespace})

    def within(self, namespaces: Collection[str]) -> "Graph":
        """Return what concerns some namespaces: one of both ends is there."""
        kept = {
            pair: edge
            for pair, edge in self.edges.items()
            if any(node.namespace in namespaces for node in pair)
        }
        known = {node for pair in kept for node in pair}
        for pair, edge in self.edges.items():  # a service's other half
            if pair[0] in known and pair[0].kind == SERVICE:
                kept.setdefault(pair, edge)
        return Graph(self.window_s, kept)


def graph(database: Database, at: float, window_s: float) -> Graph:
    """Return the graph of the last `window_s` seconds."""
    found = Graph(window_s)
    proofs = _proofs(database, at, window_s)
    own = {"reporter": "source"}
    strange = {"reporter": "destination", "source_workload": UNKNOWN}  # callers outside the mesh
    for wanted in (own, strange):
        for labels, count in _grown(database, wanted, SENT, at, window_s):
            if count > LEAST:
                _add(found, labels, count, proofs)
    return found


def _grown(
    database: Database, wanted: Mapping[str, str], by: tuple[str, ...], at: float, window_s: float
) -> list[tuple[dict[str, str], float]]:
    """Return how many requests there were, by some labels: exactly, not as `increase` guesses."""
    start = at - window_s
    before = [scrape for scrape in database.scrapes if scrape <= start]
    start = before[-1] - EARLIER_S if before else start
    found: dict[tuple[str, ...], float] = {}
    for series in database.select("istio_requests_total", lambda each: True):
        labels = dict(series.labels)
        if all(labels.get(name) == value for name, value in wanted.items()):
            key = tuple(labels.get(name, "") for name in by)
            found[key] = found.get(key, 0.0) + grown(database.samples(series, start, at))
    return [(dict(zip(by, key, strict=True)), count) for key, count in found.items()]


def _proofs(
    database: Database, at: float, window_s: float
) -> dict[tuple[str, ...], tuple[float, float]]:
    """Return, by caller and called, how many requests arrived and how many were proved."""
    found: dict[tuple[str, ...], tuple[float, float]] = {}
    for labels, count in _grown(database, {"reporter": "destination"}, PROVED, at, window_s):
        key = tuple(labels.get(name, "") for name in PROVED[:4])
        known, proved = found.get(key, (0.0, 0.0))
        is_proved = labels.get("connection_security_policy") == "mutual_tls"
        found[key] = known + count, proved + (count if is_proved else 0.0)
    return found


def _add(
    found: Graph,
    labels: dict[str, str],
    count: float,
    proofs: dict[tuple[str, ...], tuple[float, float]],
) -> None:
    source = _workload(labels, "source")
    target = _workload(labels, "destination")
    name, namespace = labels["destination_service_name"], labels["destination_service_namespace"]
    if name in PASSED or namespace == UNKNOWN:
        name, namespace = labels["destination_service"], ""
    service = Node(SERVICE if namespace else UNKNOWN, name, namespace)
    code = labels.get("response_code", "")
    key = tuple(labels.get(each, "") for each in PROVED[:4])
    pairs = [(source, service)]
    if target.kind == WORKLOAD:
        pairs.append((service, target))
    share = proofs.get(key, (0.0, 0.0))
    for pair in pairs:
        edge = found.edges.setdefault(pair, Edge())
        edge.requests += count
        edge.failed += count if code.startswith("5") or code == "0" else 0.0
        edge.refused += count if code.startswith("4") else 0.0
        if share[0]:
            edge.known += count
            edge.proved += count * share[1] / share[0]


def _workload(labels: dict[str, str], side: str) -> Node:
    name = labels.get(f"{side}_workload", UNKNOWN)
    if name == UNKNOWN:
        return Node(UNKNOWN, "outside the mesh" if side == "source" else UNKNOWN, "")
    version = labels.get(f"{side}_version", "")
    namespace = labels.get(f"{side}_workload_namespace", "")
    return Node(WORKLOAD, name, namespace, "" if version in (UNKNOWN, "latest") else version)
