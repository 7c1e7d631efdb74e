"""Kubernetes quantities (`500m`, `8131852Ki`) as numbers."""

from typing import Final

GIB: Final = 1024.0**3

_FACTORS: Final = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 1024.0,
    "Mi": 1024.0**2,
    "Gi": GIB,
    "Ti": 1024.0**4,
}


def quantity(text: str) -> float:
    """Return the number that a quantity stands for; 0 for an empty one.

    Units: cores for CPU, bytes for memory. Raises: ValueError for what is no quantity.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    for length in (2, 1):
        if text[-length:] in _FACTORS:
            return float(text[:-length]) * _FACTORS[text[-length:]]
    return float(text or 0)
