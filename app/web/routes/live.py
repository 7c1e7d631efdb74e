"""The stream of a step's page."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse

from app.web.cursors import Cursors
from app.web.deps import Here, Reader, Shared, Templates
from app.web.fragments import Fragments
from app.web.stream import StepStream
from app.web.streaming import streamed

router = APIRouter()


@router.get("/live/{lesson}/{step}")
async def live(
    learner: Reader,
    place: Here,
    services: Shared,
    pages: Templates,
    read: str = "",
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """Stream what happens on the page, from where the browser says that it has read to."""
    cursors = Cursors.parse(last_event_id or read)
    stream = StepStream(services, Fragments(pages, place), learner, place, cursors)
    leaving = anyio.Event()
    return streamed(stream.events(leaving), leaving)
