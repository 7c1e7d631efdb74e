"""Answers that come piece by piece, for as long as somebody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from app.sandbox.api.answers import refused
from app.sandbox.status import StatusError


class Stream:
    """An answer made of pieces; it ends when they do, or when the client has gone.

    A StatusError before the first piece is an ordinary refusal. `at_once` sends the head before
    there is a first piece, which a watch needs.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], media_type: str, *, at_once: bool = False
    ) -> None:
        self._pieces = pieces
        self._media_type = media_type
        self._at_once = at_once
        self._has_begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(scope, receive, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            close = getattr(self._pieces, "aclose", None)
            if close is not None:
                await close()
        if sending.done() and not sending.cancelled() and (error := sending.exception()):
            raise error

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._at_once:
            await self._begin(send)
        try:
            async for piece in self._pieces:
                await self._begin(send)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except StatusError as error:
            if not self._has_begun:
                await refused(error)(scope, receive, send)
                return
        except OSError:
            return
        await self._begin(send)
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, send: Send) -> None:
        if not self._has_begun:
            self._has_begun = True
            headers = [(b"content-type", self._media_type.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
