"""The sequential probability-ratio test: is a share as asked, or half or double of it?

For each asked share p the answers so far are weighed under p and under its alternatives: half of
p, and double of it
(all, where double is more than all). p is refuted once an alternative explains the answers so much
better that chance
would do that in at most `error_rate` of all tests; it is accepted once p explains them so much
better than each alternative.
Both bounds hold at every moment at which one looks (Ville's inequality), so stopping early costs
nothing. A true share
between p and an alternative may be judged either way: nothing is promised there.
Source: A. Wald, Sequential Tests of Statistical Hypotheses, 1945.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf, log, sqrt
from typing import Literal

Verdict = Literal["accepted", "refuted", "undecided"]

STRAY_SHARE = 0.05  # what must be noticed where nothing at all is asked: one answer in twenty
FIRST_BATCH = 100  # answers between looks: a tenth of a second, and enough to see a broken route
CAP_FACTOR = 4  # times the expected length of the longest comparison; later, chance alone speaks


@dataclass(frozen=True)
class Comparison:
    """One asked share against one alternative to it. Units: shares 0..1."""

    name: str
    asked: float
    other: float

    def evidence(self, hits: int, total: int) -> float:
        """Return the log likelihood ratio: above 0 for the asked share, below for the other."""
        return _gain(hits, self.asked, self.other) + _gain(
            total - hits, 1 - self.asked, 1 - self.other
        )

    def expected_answers(self, bound: float) -> float:
        """Return how many answers it takes on average, under whichever of both takes longer."""
        pace = min(divergence(self.asked, self.other), divergence(self.other, self.asked))
        return bound / pace


@dataclass(frozen=True)
class Share:
    """How often something answered, with an interval that holds the true share 95 times of 100."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        """The part of all answers. Units: 0..1; 0 where there are none."""
        return self.hits / self.total if self.total else 0.0

    def interval(self) -> tuple[float, float]:
        """Return the Wilson score interval at 95 %. Units: 0..1."""
        if not self.total:
            return 0.0, 1.0
        z, n, p = 1.96, self.total, self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        # at 0 and 1 rounding would leave the share itself outside
        return min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half))


class SplitTest:
    """Judges how answers spread over names against what was asked of each."""

    def __init__(self, asked: Mapping[str, float], error_rate: float) -> None:
        """`asked`: {name: weight}, of any sum. Raises: ValueError when all are 0."""
        whole = sum(asked.values())
        if whole <= 0:
            raise ValueError("no weight above 0")
        self.asked = {name: weight / whole for name, weight in asked.items()}
        self.comparisons = tuple(
            Comparison(name, share, other)
            for name, share in self.asked.items()
            for other in _alternatives(share)
        )
        self._accept_at = log(1 / error_rate)
        # A right split must survive every comparison, so each gets its part of the error rate.
        self._refute_at = log(max(1, len(self.comparisons)) / error_rate)

    @property
    def cap(self) -> int:
        """How many answers to ask for at most."""
        longest = max((c.expected_answers(self._refute_at) for c in self.comparisons), default=1)
        return ceil(CAP_FACTOR * longest)

    def judge(self, hits: Mapping[str, int], *, is_last: bool = False) -> Verdict:
        """Return the verdict on the answers so far: {name: count}; a name not asked for counts as
        wrong.

        `is_last`: no more answers will come; then the better explanation wins.
        """
        total = sum(hits.values())
        if any(count and not self.asked.get(name) for name, count in hits.items()):
            return "refuted"
        weighed = [c.evidence(hits.get(c.name, 0), total) for c in self.comparisons]
        if min(weighed, default=inf) <= -self._refute_at:
            return "refuted"
        if min(weighed, default=inf) >= self._accept_at:
            return "accepted"
        if is_last:
            return "accepted" if total and min(weighed, default=inf) > 0 else "refuted"
        return "undecided"


def batches(cap: int) -> list[int]:
    """Return how many answers to ask for before each look; growing, so that they stay few."""
    found: list[int] = []
    while sum(found) < cap:
        found.append(max(FIRST_BATCH, sum(found) // 4))
    return found


def divergence(true: float, other: float) -> float:
    """Return how much an answer tells `true` from `other` on average (Kullback-Leibler, nats)."""
    found = _weighed(true, other) + _weighed(1 - true, 1 - other)
    return max(0.0, found)  # rounding may leave a hair less than nothing


def _alternatives(share: float) -> tuple[float, ...]:
    if share <= 0:
        return (STRAY_SHARE,)
    return tuple(other for other in (share / 2, min(1.0, 2 * share)) if other != share)


def _weighed(true: float, other: float) -> float:
    return true * _gain(1, true, other) if true > 0 else 0.0


def _gain(count: int, asked: float, other: float) -> float:
    if count == 0:
        return 0.0
    if asked <= 0:
        return -inf
    return inf if other <= 0 else count * log(asked / other)
