"""A stream as an answer, which ends whole when the site does."""

from collections.abc import AsyncIterator
from typing import Final

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent

FAREWELL_S: Final = 0.4  # to end whole when the site does, within the server's own patience of 1 s


def streamed(
    events: AsyncIterator[ServerSentEvent], leaving: anyio.Event | None = None
) -> EventSourceResponse:
    """Return the answer; `leaving` is set when the site goes away, for events that end by it."""
    return EventSourceResponse(
        events,
        sep="\n",
        shutdown_event=leaving or anyio.Event(),
        shutdown_grace_period=FAREWELL_S,
    )
