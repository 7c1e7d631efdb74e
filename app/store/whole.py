"""Queries that are done whole: whoever asked may leave, the database is never left half-way."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

T = TypeVar("T")


class UnderWay:
    """The queries of one store that go on."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def run(self, work: Coroutine[None, None, T]) -> T:
        """Return what the work returns; where the caller is cancelled the work still ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._has_ended)
        return await asyncio.shield(task)

    async def end(self) -> None:
        """Return when all that was begun has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _has_ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: whoever asked may be gone


class HasUnderWay(Protocol):
    """A store, as far as a query needs it here."""

    @property
    def under_way(self) -> UnderWay:
        """The store's queries that go on."""
        ...


class Asks(Protocol):
    """An object whose methods are queries of one store."""

    @property
    def _store(self) -> HasUnderWay: ...


S = TypeVar("S", bound=Asks)
P = ParamSpec("P")


def whole(
    query: Callable[Concatenate[S, P], Coroutine[None, None, T]],
) -> Callable[Concatenate[S, P], Awaitable[T]]:
    """Run a method to its end also where its caller is cancelled.

    A driver that is cancelled between two of its turns leaves its connection open for ever.
    """

    @wraps(query)
    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._store.under_way.run(query(self, *args, **kwargs))

    return run
