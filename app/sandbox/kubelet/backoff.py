"""How long to wait before the next try, longer each time."""

FIRST_S = 10
LONGEST_S = 300


class BackOff:
    """Doubling times as Kubernetes has them, from 10 s to 5 min."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def next_s(self) -> int:
        """Return the time to wait now, in seconds, before any scaling; doubles the next."""
        now_s = self._next_s
        self._next_s = min(now_s * 2, LONGEST_S)
        return now_s

    def reset(self) -> None:
        """Begin anew, after something has gone well for long enough."""
        self._next_s = FIRST_S


def spoken(seconds: int) -> str:
    """Return a time as Kubernetes words it: `10s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
