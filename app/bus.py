"""Publish and subscribe inside this process; a slow subscriber loses events, not the publisher."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

QUEUE_LENGTH: Final = 1000  # events; a reader this far behind reads anew from the store


class Subscription:
    """What one reader has not read yet. `lost` counts what it was too slow for."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[object] = asyncio.Queue(QUEUE_LENGTH)
        self.lost = 0

    def offer(self, event: object) -> None:
        """Add an event, or count it as lost where the reader is too far behind."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.lost += 1

    @property
    def waits(self) -> bool:
        """Whether an event is there to be read."""
        return not self._queue.empty()

    async def next(self) -> object:
        """Return the next event, waiting for it."""
        return await self._queue.get()

    async def __aiter__(self) -> AsyncIterator[object]:
        while True:
            yield await self.next()


class Bus:
    """Topics are plain strings: `learner:<id>`."""

    def __init__(self) -> None:
        self._topics: dict[str, set[Subscription]] = defaultdict(set)

    def publish(self, topic: str, event: object) -> None:
        """Hand the event to everyone who listens now; never waits."""
        for subscription in tuple(self._topics.get(topic, ())):
            subscription.offer(event)

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        """Listen for as long as the `with` block lasts."""
        subscription = Subscription()
        for topic in topics:
            self._topics[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._topics[topic].discard(subscription)
                if not self._topics[topic]:
                    del self._topics[topic]
