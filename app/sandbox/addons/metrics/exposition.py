"""Prometheus' text format.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable

from app.sandbox.addons.metrics.database import Labels

TYPE = "text/plain; version=0.0.4; charset=utf-8"
HELP = {
    "istio_requests_total": ("counter", "requests by source, destination and answer"),
    "istio_request_duration_milliseconds": ("histogram", "time to the end of the answer, in ms"),
    "istio_request_bytes": ("histogram", "bytes of requests' bodies"),
    "istio_response_bytes": ("histogram", "bytes of answers' bodies"),
    "istio_tcp_connections_opened_total": ("counter", "TCP connections that were opened"),
    "istio_tcp_connections_closed_total": ("counter", "TCP connections that were closed"),
    "istio_tcp_received_bytes_total": ("counter", "bytes that came over TCP connections"),
    "istio_tcp_sent_bytes_total": ("counter", "bytes that were sent over TCP connections"),
    "prometheus_tsdb_head_series": ("gauge", "time series that are kept"),
    "scrape_duration_seconds": ("gauge", "how long the last round of scraping took"),
    "up": ("gauge", "1 where the last scrape of a target succeeded"),
}
PARTS = ("_bucket", "_sum", "_count")


def number(value: float) -> str:
    """Return a value as Prometheus writes it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def escaped(value: str) -> str:
    """Return a label's value with backslash, quote and line's end escaped."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def written(labels: Labels) -> str:
    """Return a series' name and labels: `up{job="a"}`."""
    named = dict(labels)
    name = named.pop("__name__", "")
    inner = ",".join(f'{key}="{escaped(value)}"' for key, value in named.items())
    return f"{name}{{{inner}}}" if inner or not name else name


def exposition(samples: Iterable[tuple[Labels, float]], at: float | None = None) -> str:
    """Return samples as text, each metric once with its help and type; `at` in seconds."""
    by_name: dict[str, list[str]] = {}
    behind = f" {int(at * 1000)}" if at is not None else ""
    for labels, value in samples:
        name = family(dict(labels)["__name__"])
        by_name.setdefault(name, []).append(f"{written(labels)} {number(value)}{behind}")
    lines = []
    for name, found in sorted(by_name.items()):
        kind, said = HELP.get(name, ("untyped", ""))
        lines += [f"# HELP {name} {said}".rstrip(), f"# TYPE {name} {kind}", *found]
    return "".join(f"{line}\n" for line in lines)


def family(name: str) -> str:
    """Return the metric that a series is part of: a histogram without its ending."""
    for part in PARTS:
        stem = name.removesuffix(part)
        if stem != name and HELP.get(stem, ("",))[0] == "histogram":
            return stem
    return name
