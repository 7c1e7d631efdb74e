"""Who is here: a stream is open, or a request came a moment ago. Kept in memory, told by the site's
own clock; the database learns it now and then, so that a restart knows who was here last.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from app.errors import StoreUnavailable
from app.workshop.roster import Roster

ONLINE_S: Final = 45.0  # after the last request; a page without its stream asks every 20 s
KEPT_S: Final = 30.0  # between two writes about one member


class Presence:
    """Counts the open streams of each member, and remembers when each was seen."""

    def __init__(self, roster: Roster, clock: Callable[[], datetime]) -> None:
        self._roster = roster
        self._clock = clock
        self._streams: Counter[str] = Counter()
        self._seen: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}

    async def seen(self, member: str) -> None:
        """Note a request of a member; where the database does not take it, the next one does."""
        now = self._clock()
        self._seen[member] = now
        written = self._written.get(member)
        if written is None or (now - written).total_seconds() >= KEPT_S:
            with suppress(StoreUnavailable):  # nobody's page breaks over this
                await self._roster.seen(member)
                self._written[member] = now

    @asynccontextmanager
    async def stream(self, member: str) -> AsyncIterator[None]:
        """Count a member as here for as long as the block lasts."""
        self._streams[member] += 1
        try:
            await self.seen(member)
            yield
        finally:
            self._seen[member] = self._clock()
            self._streams[member] -= 1
            if not self._streams[member]:
                del self._streams[member]

    def is_online(self, member: str) -> bool:
        """Return whether a member is here now."""
        return self.away_s(member) < ONLINE_S

    def online(self, members: Iterable[str]) -> frozenset[str]:
        """Return who of these is here now."""
        return frozenset(member for member in members if self.is_online(member))

    def away_s(self, member: str) -> float:
        """Return for how long a member has been away: 0 with a stream open, infinite if unseen."""
        if self._streams.get(member):
            return 0.0
        seen = self._seen.get(member)
        return max(timedelta(), self._clock() - seen).total_seconds() if seen else float("inf")

    def forget(self, member: str) -> None:
        """Forget when somebody was here: the name is being deleted."""
        self._seen.pop(member, None)
        self._written.pop(member, None)
