"""A controller's work: keys to be looked at, once each, as soon as the loop is free."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from app.sandbox.status import StatusError
from app.sandbox.store.store import Change

log = logging.getLogger(__name__)
Key: TypeAlias = tuple[str, str]  # namespace and name
FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 60.0


class Controller(Protocol):
    """Brings the world closer to what some objects say, one key at a time."""

    resources: frozenset[str]

    def touched(self, change: Change) -> Iterable[Key]:
        """Return the keys that a change of one of its resources may concern."""
        ...

    def look(self, key: Key) -> float | None:
        """Act on one key; return after how many seconds to look again, None: when it changes.

        Raises: StatusError, after which it is asked again, later each time.
        """
        ...


class Work:
    """What one controller still has to look at. Nothing runs, and no timer ticks, without it."""

    def __init__(self, look: Callable[[Key], float | None]) -> None:
        self._look = look
        self._waiting: dict[Key, None] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}
        self._soon: asyncio.Handle | None = None
        self._closed = False

    def add(self, key: Key) -> None:
        """Have a key looked at soon, once, however often it is added until then.

        One that failed waits a little all the same: the change may be its own complaint.
        """
        if self._closed:
            return
        if key not in self._failures:
            self._now(key)
        elif key not in self._timers:
            self._later(key, FIRST_RETRY_S)

    def _now(self, key: Key) -> None:
        self._waiting[key] = None
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._run)

    def close(self) -> None:
        """Drop everything."""
        self._closed = True
        self._waiting.clear()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._soon is not None:
            self._soon.cancel()

    def _due(self, key: Key) -> None:
        self._timers.pop(key, None)
        self._now(key)

    def _run(self) -> None:
        self._soon = None
        now, self._waiting = list(self._waiting), {}
        try:
            while now:
                key = now.pop(0)
                timer = self._timers.pop(key, None)
                if timer is not None:
                    timer.cancel()
                self._later(key, self._once(key))
        finally:
            for key in now:  # left where one of them broke its controller; the loop logs that
                self.add(key)

    def _once(self, key: Key) -> float | None:
        try:
            after_s = self._look(key)
        except StatusError as refused:
            failures = self._failures.get(key, 0)
            self._failures[key] = failures + 1
            log.info("%s/%s: %s", *key, refused.message)
            return min(FIRST_RETRY_S * 2.0**failures, LONGEST_RETRY_S)
        self._failures.pop(key, None)
        return after_s

    def _later(self, key: Key, after_s: float | None) -> None:
        if after_s is not None and not self._closed:
            loop = asyncio.get_running_loop()
            self._timers[key] = loop.call_later(max(after_s, 0.0), self._due, key)
