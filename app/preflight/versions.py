"""Versions as programs and clusters tell them, and which minors the course is made for."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, order=True)
class Minor:
    """A minor version: 1.35 of v1.35.4."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def distance(self, other: "Minor") -> int:
        """Return how many minors lie between the two; 99 where the majors differ."""
        return abs(self.minor - other.minor) if self.major == other.major else 99


KUBERNETES: Final = (Minor(1, 33), Minor(1, 37))  # the first and the last that is tested for
ISTIO: Final = (Minor(1, 27), Minor(1, 31))
MAX_SKEW: Final = 1  # kubectl against its server, istioctl against istiod


def minor_of(version: str) -> Minor | None:
    """Return the minor of `v1.35.4`, `1.31.0-bed`, `v1.33.2-gke.1`; None where there is none."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return Minor(int(found[1]), int(found[2])) if found else None


def is_supported(version: Minor, tested: tuple[Minor, Minor]) -> bool:
    """Return whether a minor lies in the tested range."""
    return tested[0] <= version <= tested[1]
