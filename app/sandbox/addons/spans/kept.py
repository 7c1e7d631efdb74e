"""The spans that are kept: the newest traces, within a bound."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.sandbox.addons.spans.span import Span

MOST_TRACES = 2_000
MOST_SPANS = 500  # of one trace
MOST_OF_ALL = 10_000  # spans
MOST_TAGS = 32
LONGEST = 200  # characters of a name or a tag


@dataclass(frozen=True)
class Trace:
    """All that is known of one request; its spans by start."""

    id: str
    spans: Sequence[Span]

    @property
    def root(self) -> Span:
        """Return the first station: a span without a known parent."""
        known = {span.id for span in self.spans}
        return next((span for span in self.spans if span.parent not in known), self.spans[0])

    @property
    def start(self) -> float:
        """Return when it began, in seconds since 1970."""
        return self.spans[0].start

    @property
    def duration_s(self) -> float:
        """Return the time from its first beginning to its last end."""
        return max(span.end for span in self.spans) - self.start

    @property
    def services(self) -> list[str]:
        """Return the services that took part, in order of appearance."""
        return list(dict.fromkeys(span.service for span in self.spans))

    @property
    def errors(self) -> int:
        """Return how many stations ended in an error."""
        return sum(span.is_error for span in self.spans)


class Spans:
    """The traces of which spans came last."""

    def __init__(self) -> None:
        self._traces: OrderedDict[str, dict[str, Span]] = OrderedDict()
        self._count = 0

    def add(self, spans: Iterable[Span]) -> None:
        """Take spans; the traces that have had none for longest give way."""
        for span in spans:
            trace = self._traces.setdefault(span.trace[:32].lower(), {})
            self._traces.move_to_end(span.trace[:32].lower())
            if len(trace) < MOST_SPANS:
                self._count -= len(trace)
                trace[f"{span.id} {span.kind}"] = _bounded(span)
                self._count += len(trace)
        while len(self._traces) > MOST_TRACES or self._count > MOST_OF_ALL:
            self._count -= len(self._traces.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget everything."""
        self._traces.clear()
        self._count = 0

    def trace(self, identity: str) -> Trace | None:
        """Return a trace by its number."""
        found = self._traces.get(identity.lower())
        return _trace(identity.lower(), found) if found else None

    def services(self) -> list[str]:
        """Return the services that have sent spans, by name."""
        found = (span.service for trace in self._traces.values() for span in trace.values())
        return sorted(set(found))

    def operations(self, service: str) -> list[str]:
        """Return what a service's spans are called, by name."""
        found = (span for trace in self._traces.values() for span in trace.values())
        return sorted({span.name for span in found if span.service == service})

    def search(
        self,
        service: str,
        *,
        operation: str = "",
        since: float = 0.0,
        least_s: float = 0.0,
        only_errors: bool = False,
        limit: int = 20,
    ) -> list[Trace]:
        """Return the newest traces that a service (empty: any) took part in."""
        found = []
        for identity, spans in self._traces.items():
            of_it = [span for span in spans.values() if not service or span.service == service]
            if not any(not operation or span.name == operation for span in of_it):
                continue
            trace = _trace(identity, spans)
            if trace.start < since or trace.duration_s < least_s:
                continue
            if not only_errors or trace.errors:
                found.append(trace)
        return sorted(found, key=lambda trace: trace.start, reverse=True)[:limit]


def _trace(identity: str, spans: dict[str, Span]) -> Trace:
    return Trace(identity, sorted(spans.values(), key=lambda span: (span.start, -span.duration_s)))


def _bounded(span: Span) -> Span:
    tags = [*span.tags.items()][:MOST_TAGS]
    return Span(
        span.trace[:32],
        span.id[:16],
        span.parent[:16],
        span.service[:LONGEST],
        span.name[:LONGEST],
        span.kind,
        span.start,
        span.duration_s,
        {key[:LONGEST]: value[:LONGEST] for key, value in tags},
        span.is_error,
    )
