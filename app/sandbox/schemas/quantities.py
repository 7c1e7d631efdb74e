"""Amounts as Kubernetes writes them down: `0.5` as `500m`, `1024Mi` as `1Gi`.

Source: k8s.io/apimachinery/pkg/api/resource, CanonicalizeBytes.
"""

import re
from decimal import ROUND_UP, Decimal
from typing import Final

from app.sandbox.objects import Json

WRITTEN: Final = re.compile(
    r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)"
)
DECIMAL: Final = {"m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
TINY: Final = {"n": -9, "u": -6}  # may be written, and are rounded up
BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
FINEST: Final = Decimal("1e-3")
LONGEST: Final = 40  # characters; a longer one is left as it is


def canonical(value: Json) -> Json:
    """Return an amount in its canonical words; what is no amount, as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    text = str(value).strip()
    found = WRITTEN.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return value
    number, power, suffix = Decimal(found[1]), found[2], found[3] or ""
    if suffix in BINARY:
        amount = number * 1024 ** BINARY[suffix]
        if amount == int(amount) and (abs(amount) >= 1024 or not amount):
            return _binary(int(amount))
    else:
        amount = number.scaleb(int(power[1:]) if power else (DECIMAL | TINY)[suffix])
    if power:
        return _exponent(amount, power[0])
    return _decimal(amount)


def _decimal(amount: Decimal) -> str:
    exact = amount.quantize(FINEST, ROUND_UP)
    for suffix, scale in sorted(DECIMAL.items(), key=lambda one: -one[1]):
        scaled = exact.scaleb(-scale)
        if scaled == scaled.to_integral_value() and (exact or not scale):
            return f"{int(scaled)}{suffix}"
    return f"{exact}"


def _exponent(amount: Decimal, letter: str) -> str:
    exact = amount.quantize(FINEST, ROUND_UP)
    for scale in sorted(DECIMAL.values(), reverse=True):
        scaled = exact.scaleb(-scale)
        if scaled == scaled.to_integral_value() and (exact or not scale):
            return f"{int(scaled)}" + (f"{letter}{scale}" if scale else "")
    return f"{exact}"


def _binary(amount: int) -> str:
    for suffix, power in sorted(BINARY.items(), key=lambda one: -one[1]):
        if amount and amount % 1024**power == 0:
            return f"{amount // 1024**power}{suffix}"
    return str(amount)
