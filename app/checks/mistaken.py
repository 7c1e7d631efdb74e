"""Which namespace something landed in by mistake: `default`, or one of a similar name."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

CLOSE: Final = 0.8  # of 1: one letter of mesh-demo missing, doubled or wrong; not mesh-prod


def mistaken(meant: str, candidates: Sequence[str]) -> str:
    """Return the likeliest of the namespaces, empty where none looks like a mistake.

    A learner's cluster may hold namespaces of the same content that have nothing to do with this.
    """
    if "default" in candidates:
        return "default"
    return next(iter(get_close_matches(meant, candidates, cutoff=CLOSE)), "")
