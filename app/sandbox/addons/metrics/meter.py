"""One proxy's numbers: Istio's standard metrics, counted from its records.

Source: https://istio.io/latest/docs/reference/config/metrics/
"""

from bisect import bisect_left
from collections.abc import Mapping

from app.sandbox.addons.metrics.database import Database, Labels, Series
from app.sandbox.addons.metrics.log import Record
from app.sandbox.addons.metrics.peers import Destination, Peer

LABELS = (
    "reporter",
    "source_workload", "source_canonical_service", "source_canonical_revision",
    "source_workload_namespace", "source_principal", "source_app", "source_version",
    "source_cluster",
    "destination_workload", "destination_workload_namespace", "destination_principal",
    "destination_app", "destination_version", "destination_service",
    "destination_canonical_service", "destination_canonical_revision",
    "destination_service_name", "destination_service_namespace", "destination_cluster",
    "request_protocol", "response_code", "grpc_response_status", "response_flags",
    "connection_security_policy",
)  # fmt: skip
BOUNDS = (
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
    1800000, 3600000,
)  # fmt: skip
MOST_KEYS = 200  # of one proxy: whoever makes up hosts must not fill the memory
Key = tuple[str, ...]


def key(
    record: Record, reporter: str, source: Peer, destination: Peer, service: Destination
) -> Key:
    """Return the values of the labels of a request, in their order; "" where one has none."""
    is_http = bool(record.method or record.code)
    policy = "unknown"
    if reporter == "destination":
        policy = "mutual_tls" if record.client else "none"
    return (
        reporter,
        source.workload, source.canonical, source.revision,
        source.namespace, source.principal, source.app, source.version,
        source.cluster,
        destination.workload, destination.namespace, destination.principal,
        destination.app, destination.version, service.host,
        destination.canonical, destination.revision,
        service.name, service.namespace, destination.cluster,
        "http" if is_http else "tcp", str(record.code) if is_http else "", "",
        record.flags, policy,
    )  # fmt: skip


class Meter:
    """Counts one proxy's requests. `target` are the labels of the proxy as something scraped."""

    def __init__(self, database: Database, target: Mapping[str, str]) -> None:
        self.target = dict(target)
        self.refused = 0  # requests that were left out, as their labels were too many
        self._database = database
        self._counts: dict[Key, _Requests | _Connections] = {}
        self._dirty: set[_Requests | _Connections] = set()

    def count(self, labels: Key, record: Record) -> None:
        """Count one request under its labels."""
        found = self._counts.get(labels)
        if found is None:
            if len(self._counts) >= MOST_KEYS:
                self.refused += 1
                return
            named = dict(zip(LABELS, labels, strict=True))
            named = {**self.target, **{name: value for name, value in named.items() if value}}
            is_http = named["request_protocol"] != "tcp"
            shared = self._database.shared(named)
            found = (_Requests if is_http else _Connections)(self._database, shared)
            self._counts[labels] = found
        found.add(record)
        self._dirty.add(found)

    def flush(self) -> None:
        """Put what was counted into the series."""
        for counts in self._dirty:
            counts.flush()
        self._dirty.clear()


class _Histogram:
    def __init__(self, database: Database, name: str, labels: Labels) -> None:
        bounds = [f"{bound:g}" if bound < 1e6 else str(int(bound)) for bound in BOUNDS]
        self._buckets = [
            database.series(f"{name}_bucket", labels, bound) for bound in (*bounds, "+Inf")
        ]
        self._sum_series = database.series(f"{name}_sum", labels)
        self._count_series = database.series(f"{name}_count", labels)
        self._counts = [0] * len(self._buckets)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(BOUNDS, value)] += 1
        self._sum += value

    def flush(self) -> None:
        total = 0
        for series, count in zip(self._buckets, self._counts, strict=True):
            total += count
            _put(series, total)
        _put(self._sum_series, self._sum)
        _put(self._count_series, total)


class _Requests:
    """Of one set of labels: how many, how long, how big."""

    def __init__(self, database: Database, labels: Labels) -> None:
        self._total = 0
        self._series = database.series("istio_requests_total", labels)
        self._duration = _Histogram(database, "istio_request_duration_milliseconds", labels)
        self._received = _Histogram(database, "istio_request_bytes", labels)
        self._sent = _Histogram(database, "istio_response_bytes", labels)

    def add(self, record: Record) -> None:
        self._total += 1
        self._duration.add(record.duration_ms)
        self._received.add(record.received)
        self._sent.add(record.sent)

    def flush(self) -> None:
        _put(self._series, self._total)
        for histogram in (self._duration, self._received, self._sent):
            histogram.flush()


class _Connections:
    """Of one set of labels: TCP connections, counted when they end, and their bytes."""

    def __init__(self, database: Database, labels: Labels) -> None:
        names = ("connections_opened", "connections_closed", "received_bytes", "sent_bytes")
        self._series = [database.series(f"istio_tcp_{name}_total", labels) for name in names]
        self._totals = [0, 0, 0, 0]

    def add(self, record: Record) -> None:
        more = (1, 1, record.received, record.sent)
        self._totals = [total + each for total, each in zip(self._totals, more, strict=True)]

    def flush(self) -> None:
        for series, total in zip(self._series, self._totals, strict=True):
            _put(series, total)


def _put(series: Series | None, value: float) -> None:
    if series is not None:
        series.value = float(value)
