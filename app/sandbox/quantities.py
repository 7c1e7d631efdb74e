"""Quantities of CPU and memory as Kubernetes writes them (`250m`, `1Gi`), as numbers."""

import re
from decimal import Decimal

from app.sandbox.objects import Json, Obj, items, table, text

FACTORS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
}


def quantity(written: Json) -> Decimal:
    """Return a quantity as a number: CPUs, or bytes; 0 where it is none."""
    found = re.fullmatch(r"([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})", str(written).strip())
    if found is None or found.group(2) not in FACTORS:
        return Decimal(0)
    return Decimal(found.group(1)) * FACTORS[found.group(2)]


def requested(pod: Obj, resource: str) -> Decimal:
    """Return how much of a resource a pod asks for: its containers at their greediest moment."""
    running = sum((_of(one, resource) for one in items(pod, "spec.containers")), Decimal(0))
    sidecars, most = Decimal(0), Decimal(0)
    for one in items(pod, "spec.initContainers"):
        if text(one, "restartPolicy") == "Always":
            sidecars += _of(one, resource)
        else:
            most = max(most, sidecars + _of(one, resource))
    return max(running + sidecars, most)


def _of(container: Obj, resource: str) -> Decimal:
    asked = table(container, "resources.requests").get(resource)
    return quantity(table(container, "resources.limits").get(resource) if asked is None else asked)
