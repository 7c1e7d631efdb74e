"""How long ago something was, in the words of `kubectl get`."""

from datetime import datetime

from app.sandbox.objects import Obj, parse_stamp, text

MINUTE, HOUR, DAY, YEAR = 60, 3_600, 86_400, 365 * 86_400
UNKNOWN = "<unknown>"


def since(obj: Obj, path: str, now: datetime) -> str:
    """Return how long ago the time at a path was; `<unknown>` where there is none."""
    written = text(obj, path)
    if not written:
        return UNKNOWN
    try:
        return lasting((now - parse_stamp(written)).total_seconds())
    except ValueError:
        return UNKNOWN


def age(obj: Obj, now: datetime) -> str:
    """Return an object's AGE."""
    return since(obj, "metadata.creationTimestamp", now)


def lasting(duration_s: float) -> str:
    """Return a duration in two figures at most: 45s, 3m5s, 12m, 5h30m, 2d4h, 1y20d.

    Source: k8s.io/apimachinery/pkg/util/duration, HumanDuration.
    """
    seconds = int(duration_s)
    if seconds < -1:
        return "<invalid>"
    if seconds < 2 * MINUTE:
        return f"{max(seconds, 0)}s"
    if seconds < 10 * MINUTE:
        return _two(seconds // MINUTE, "m", seconds % MINUTE, "s")
    if seconds < 3 * HOUR:
        return f"{seconds // MINUTE}m"
    if seconds < 8 * HOUR:
        return _two(seconds // HOUR, "h", seconds % HOUR // MINUTE, "m")
    if seconds < 2 * DAY:
        return f"{seconds // HOUR}h"
    if seconds < 8 * DAY:
        return _two(seconds // DAY, "d", seconds % DAY // HOUR, "h")
    if seconds < 2 * YEAR:
        return f"{seconds // DAY}d"
    if seconds < 8 * YEAR:
        return _two(seconds // YEAR, "y", seconds % YEAR // DAY, "d")
    return f"{seconds // YEAR}y"


def _two(much: int, unit: str, little: int, small_unit: str) -> str:
    return f"{much}{unit}{little}{small_unit}" if little else f"{much}{unit}"
