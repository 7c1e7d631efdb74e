"""How far a page has read each run, written so that an event id and an address can carry it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MOST_RUNS: Final = 50  # of one step; more in an id are nobody's honest page
ENTRY: Final = re.compile(r"([\w-]{1,64}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Cursors:
    """The number of the last line that the page has of each run. Written `RUN:12,OTHER:0`."""

    read: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Cursors:
        """Return the cursors of a text; what is not one is left out."""
        found = (ENTRY.fullmatch(part) for part in text.split(",")[:MOST_RUNS])
        return cls({match[1]: int(match[2]) for match in found if match})

    def __str__(self) -> str:
        return ",".join(f"{run}:{number}" for run, number in self.read.items())

    def __contains__(self, run: str) -> bool:
        return run in self.read

    def at(self, run: str) -> int:
        """Return the last line read of a run, 0 where the page does not have it."""
        return self.read.get(run, 0)

    def moved(self, run: str, number: int) -> Cursors:
        """Return the cursors after reading a run up to a line."""
        return Cursors({**self.read, run: number})
