"""How many sandboxes the machine can hold: computed from its memory, shown, never overrun."""

from dataclasses import dataclass
from typing import Final

from app.workshop.memory import MIB, Memory

EACH: Final = 160 * MIB  # of one sandbox with the whole course in it: the goal that benchmarks keep
KEPT: Final = 768 * MIB  # for the site itself, and for the commands of learners
MOST: Final = 500


@dataclass(frozen=True)
class Capacity:
    """Sandboxes that the machine can hold, that are up or starting, and that may still start."""

    total: int
    used: int
    free: int
    why: str


def most(memory: Memory, used: int) -> int:
    """Return how many sandboxes there may be in all, `used` of which are up already.

    Units: `memory.available` is what is left beside those that are up.
    """
    return max(0, min(MOST, used + (memory.available - KEPT) // EACH))


def capacity(total: int, used: int, memory: Memory) -> Capacity:
    """Return the capacity now. `total` was computed when nothing was starting: a sandbox takes its
    memory in the course of minutes, so what is available now is a second bound, never the only one.
    """
    room = max(0, (memory.available - KEPT) // EACH)
    free = max(0, min(total - used, room))
    why = (
        f"{memory.available // MIB} MiB of {memory.source} are free; {KEPT // MIB} MiB are kept "
        f"for the site, and each sandbox counts for {EACH // MIB} MiB."
    )
    return Capacity(total, used, free, why)
