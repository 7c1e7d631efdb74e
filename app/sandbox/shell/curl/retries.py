"""Which failures --retry asks again for, and when."""

from app.sandbox.shell.curl.failures import CONNECT, RESOLVE, TIMED_OUT
from app.sandbox.shell.curl.options import Group
from app.sandbox.shell.curl.transfer import Result

_TRANSIENT = (408, 429, 500, 502, 503, 504)
_LONGEST_S = 600.0


class Retries:
    """The retries of one URL."""

    def __init__(self, group: Group, is_old: bool) -> None:
        self._group = group
        self._is_old = is_old
        self._left = int(float(group.value("retry", "0")))
        self._wait_s = group.seconds("retry-delay", 1.0)
        self._spent_s = 0.0

    def next(self, result: Result) -> tuple[float, str] | None:
        """Return how long to wait, and the warning; None where it is not asked again."""
        why = self._why(result) if self._left else ""
        limit_s = self._group.seconds("retry-max-time", 0.0)
        wait_s = self._after(result) or self._wait_s
        if not why or (limit_s and self._spent_s + result.timing.total + wait_s > limit_s):
            return None
        self._spent_s += wait_s + result.timing.total
        warning = self._warning(why, wait_s)
        self._left -= 1
        if not self._group.value("retry-delay"):
            self._wait_s = min(self._wait_s * 2, _LONGEST_S)
        return wait_s, warning

    def _why(self, result: Result) -> str:
        if result.code in (TIMED_OUT, RESOLVE):
            return "timeout"
        if result.code == CONNECT and self._group.has("retry-connrefused"):
            return "connection refused"
        if result.status in _TRANSIENT:
            return "HTTP error"
        return (
            "(retrying all errors)" if result.code and self._group.has("retry-all-errors") else ""
        )

    def _after(self, result: Result) -> float:
        written = (result.head.header("retry-after") if result.head else None) or ""
        return float(written) if written.isdigit() and len(written) < 5 else 0.0

    def _warning(self, why: str, wait_s: float) -> str:
        if self._is_old:
            when = f"Will retry in {wait_s:g} seconds. {self._left} retries left."
            return f"Warning: Problem : {why}. {when}\n"
        when = f"Will retry in {wait_s:g} second{'s' * (wait_s != 1)}."
        left = f"{self._left} retr{'y' if self._left == 1 else 'ies'} left."
        return f"Warning: Problem: {why}. {when} {left}\n"
