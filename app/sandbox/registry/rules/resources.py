"""Rules of quantities: what a container asks for, and what it may have."""

import re
from collections.abc import Iterator

from app.sandbox.objects import Json, Obj, table
from app.sandbox.registry.causes import wrong
from app.sandbox.status import Cause

STANDARD = ("cpu", "memory", "ephemeral-storage")
NEGATIVE_RULE = "must be greater than or equal to 0"
UNITS = {"": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def quantity(written: Json) -> float | None:
    """Return a quantity (`100m`, `1Gi`, 2) as a number, None where it is none."""
    found = re.fullmatch(r"([+-]?[0-9.]+)([a-zA-Z]*)", str(written))
    unit = (UNITS | BINARY).get(found[2]) if found else None
    if found is None or unit is None:
        return None
    try:
        return float(found[1]) * unit
    except ValueError:
        return None


def resource_causes(resources: Obj, field: str) -> Iterator[Cause]:
    """Yield what is wrong in a container's requests and limits."""
    limits = table(resources, "limits")
    for part in ("limits", "requests"):
        for key, asked in table(resources, part).items():
            here = f"{field}.{part}[{key}]"
            if key not in STANDARD and not key.startswith("hugepages-") and "/" not in key:
                yield wrong(here, key, "must be a standard resource type or fully qualified")
                yield wrong(here, key, "must be a standard resource for containers")
            amount, most = quantity(asked), quantity(limits.get(key))
            if amount is not None and amount < 0:
                yield wrong(here, str(asked), NEGATIVE_RULE)
            elif part == "requests" and amount is not None and most is not None and amount > most:
                said = f"must be less than or equal to {key} limit of {limits[key]}"
                yield wrong(f"{field}.requests", str(asked), said)
