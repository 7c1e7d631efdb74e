"""How the pages say times, numbers and ends."""

import signal


def duration(seconds: float) -> str:
    """Return a length of time as kubectl's AGE column would: 0.4s, 42s, 3m05s, 1h10m."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    whole_minutes, rest = divmod(int(seconds), 60)
    if whole_minutes < 60:
        return f"{whole_minutes}m{rest:02d}s"
    return f"{whole_minutes // 60}h{whole_minutes % 60:02d}m"


def minutes(seconds: float) -> str:
    """Return a length of time as a person would say it: under a minute, 4 min, 1 h 10 min."""
    whole = round(seconds / 60)
    if whole < 1:
        return "under a minute"
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02d} min"


def grouped(number: int) -> str:
    """Return a number with thin spaces between the thousands: 12 345."""
    return f"{number:,}".replace(",", "\u202f")


def signal_of(code: int) -> str:
    """Return the name of the signal that a negative exit status stands for: SIGKILL."""
    known = {each.value: each.name for each in signal.Signals}
    return known.get(-code, f"signal {-code}")
