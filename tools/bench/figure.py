"""A figure: what was measured, its samples, and the goal that it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Unit = Literal["ms", "s", "MiB", "%", "/s"]


@dataclass(frozen=True)
class Figure:
    """Samples of one thing, in `unit`. `goal` is the most that it may be; None: no goal.

    The goal is for the share `at` of the samples: 0.95 where nothing else was promised.
    """

    name: str
    unit: Unit
    samples: Sequence[float]
    goal: float | None = None
    at: float = 0.95

    def percentile(self, share: float) -> float:
        """Return the smallest sample that so large a share of them does not exceed."""
        return sorted(self.samples)[max(0, ceil(len(self.samples) * share) - 1)]

    @property
    def is_met(self) -> bool:
        """Whether the goal is met; without one there is nothing to miss."""
        return self.goal is None or self.percentile(self.at) < self.goal

    def cells(self) -> tuple[str, ...]:
        """Return the figure as the cells of a table's row."""
        verdict = "–" if self.goal is None else "met" if self.is_met else "**missed**"
        at = "" if self.at == 0.95 else f" (p{self.at * 100:g})"
        goal = "–" if self.goal is None else f"< {self.goal:g} {self.unit}{at}"
        shown = (self._shown(self.percentile(share)) for share in (0.5, 0.95, 1))
        return (self.name, *shown, str(len(self.samples)), goal, verdict)

    def _shown(self, value: float) -> str:
        digits = {"ms": 1 if value < 100 else 0, "s": 2, "MiB": 0, "%": 1, "/s": 0}[self.unit]
        return f"{value:.{digits}f} {self.unit}"


HEAD = ("figure", "p50", "p95", "most", "samples", "goal (p95)", "")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [HEAD, ("---",) * len(HEAD), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
