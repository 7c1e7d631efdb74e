"""Time series of the last hour, in little room: only changes of a value are kept.

Every series is scraped at the same moments, which are kept once; a series' sample at one of them is
its last change before.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]  # by name, `__name__` among them
Sample: TypeAlias = tuple[float, float]  # seconds since 1970, value
RETENTION_S = 3600.0
LOOKBACK_S = 300.0
MOST_SERIES = 60_000


class Series:
    """One series. Set `value`; it becomes a sample at the next scrape, and at each after it."""

    __slots__ = ("_first", "_times", "_values", "ended", "labels", "value")

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.value = 0.0
        self.ended: float | None = None
        self._times = array("d")
        self._values = array("d")
        self._first = 0.0

    def note(self, at: float, before: float | None) -> None:
        """Take the value as of a scrape. A new counter was 0 at the scrape `before`."""
        if not self._times:
            self._first = at
            if before is not None and self.value:
                self._first = before
                self._times.append(before)
                self._values.append(0.0)
        if not self._values or self._values[-1] != self.value:
            self._times.append(at)
            self._values.append(self.value)

    def samples(self, scrapes: "array[float]", start: float, end: float) -> list[Sample]:
        """Return the samples after `start`, up to `end`."""
        low, high = bisect_right(scrapes, start), bisect_right(scrapes, end)
        return [sample for at in scrapes[low:high] if (sample := self.sample(at))]

    def sample(self, scrape: float) -> Sample | None:
        """Return the sample of one scrape; None where the series was not there then."""
        if not self._times or scrape < self._first:
            return None
        if self.ended is not None and scrape >= self.ended:
            return None
        return scrape, self._values[bisect_right(self._times, scrape) - 1]

    def forget(self, before: float) -> bool:
        """Drop what is older than a time; return whether nothing is left."""
        keep = max(0, bisect_right(self._times, before) - 1)
        if keep:
            del self._times[:keep]
            del self._values[:keep]
            self._first = max(self._first, self._times[0])
        return self.ended is not None and self.ended <= before


class Database:
    """All series, by labels and by name."""

    def __init__(self) -> None:
        self.scrapes = array("d")
        self.refused = 0  # series that were too many
        self._series: dict[Labels, Series] = {}
        self._by_name: dict[str, list[Series]] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}  # one object for each

    def __len__(self) -> int:
        return len(self._series)

    def shared(self, labels: Mapping[str, str]) -> Labels:
        """Return labels in their order, each pair the one object that all series have."""
        return tuple(self._shared(pair) for pair in sorted(labels.items()))

    def _shared(self, pair: tuple[str, str]) -> tuple[str, str]:
        return self._pairs.setdefault(pair, pair)

    def series(
        self, name: str, labels: Mapping[str, str] | Labels, bound: str = ""
    ) -> Series | None:
        """Return the series of a name and labels, a new one if need be; None: they are too many.

        `labels` may be what `shared` made of them; `bound` is the label `le` of a bucket.
        """
        base = self.shared(labels) if isinstance(labels, Mapping) else labels
        more = [self._shared(("__name__", name))]
        if bound:
            more.append(self._shared(("le", bound)))
        key: Labels = tuple(sorted((*more, *base)))
        found = self._series.get(key)
        if found is None:
            if len(self._series) >= MOST_SERIES:
                self.refused += 1
                return None
            found = self._series[key] = Series(key)
            self._by_name.setdefault(name, []).append(found)
        found.ended = None
        return found

    def scrape(self, at: float) -> None:
        """Take every series' value as its sample at a time, or just after the last one."""
        before = self.scrapes[-1] if self.scrapes else None
        if before is not None:
            at = max(at, before + 0.001)  # clocks are set back
        self.scrapes.append(at)
        for series in self._series.values():
            if series.ended is None:
                series.note(at, before)
        self._forget(at - RETENTION_S)

    def _forget(self, before: float) -> None:
        del self.scrapes[: bisect_left(self.scrapes, before)]
        gone = [series for series in self._series.values() if series.forget(before)]
        for series in gone:
            del self._series[series.labels]
            self._by_name[dict(series.labels)["__name__"]].remove(series)
        if gone:
            self._pairs = {pair: pair for labels in self._series for pair in labels}

    def names(self) -> list[str]:
        """Return the names of all metrics."""
        return sorted(name for name, found in self._by_name.items() if found)

    def select(self, name: str, fits: Callable[[Series], bool]) -> list[Series]:
        """Return the series that fit; of one metric where a name is given."""
        found: Iterable[Series] = self._by_name.get(name, ()) if name else self._series.values()
        return [series for series in found if fits(series)]

    def samples(self, series: Series, start: float, end: float) -> list[Sample]:
        """Return a series' samples after `start`, up to `end`."""
        return series.samples(self.scrapes, start, end)

    def at(self, series: Series, when: float) -> Sample | None:
        """Return a series' newest sample at a time; None where there is none, or it has ended."""
        place = bisect_right(self.scrapes, when) - 1
        if place < 0 or self.scrapes[place] < when - LOOKBACK_S:
            return None
        return series.sample(self.scrapes[place])
