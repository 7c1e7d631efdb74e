"""How often one may be wrong about a code: a bucket for each address, and one for all."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from app.errors import Unavailable

PER_MINUTE: Final = 30  # of one address: a whole class behind one router mistypes less
IN_ALL: Final = 300  # a minute, however many addresses ask
KEPT: Final = 4096  # addresses; the one that was wrong longest ago is forgotten
MINUTE_S: Final = 60.0


class _Bucket:
    def __init__(self, size: int, now: float) -> None:
        self._size = size
        self._left = float(size)
        self._at = now

    def left(self, now: float) -> float:
        refill = (now - self._at) * self._size / MINUTE_S
        self._left, self._at = min(float(self._size), self._left + max(0.0, refill)), now
        return self._left

    def take(self, now: float) -> None:
        self._left = self.left(now) - 1.0


class Guesses:
    """Counts wrong guesses in this process. `clock_s` is monotonic, in seconds."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._all = _Bucket(IN_ALL, clock_s())
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()

    def admit(self, address: str) -> None:
        """Let an address try. Raises: Unavailable where too many tries have been wrong of late.

        The right code is refused, too, for then: else guessing would go on at full speed.
        """
        now = self._clock_s()
        own = self._addresses.get(_network(address))
        if self._all.left(now) < 1.0 or (own is not None and own.left(now) < 1.0):
            raise Unavailable(
                "There were too many wrong codes from here.", hint="Wait a minute, then try again."
            )

    def wrong(self, address: str) -> None:
        """Count a wrong guess."""
        now = self._clock_s()
        network = _network(address)
        own = self._addresses.setdefault(network, _Bucket(PER_MINUTE, now))
        own.take(now)
        self._all.take(now)
        self._addresses.move_to_end(network)
        while len(self._addresses) > KEPT:
            self._addresses.popitem(last=False)


def _network(address: str) -> str:
    """Return whose guesses count together: an IPv6 host has a whole /64 to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
