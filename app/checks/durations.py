"""Durations as Istio writes them: `5s`, `500ms`, `1m30s`, `0.5s`."""

import re

_PART = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|us|µs|ns|h|m|s)")
_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def seconds_of(text: str) -> float | None:
    """Return a duration in seconds; None where the text is empty or no duration."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return float(sum(float(number) * _UNIT_S[unit] for number, unit in parts))


def shown(seconds: float) -> str:
    """Return seconds as a learner reads them: `5 s`, `0.5 s`."""
    return f"{seconds:g} s"
