"""A pod that asks with curl, and two that answer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.shell.lab import Done, Lab, lab

from app.sandbox.shell.container import Container


class Asking:
    """A pod that asks, and two that answer."""

    def __init__(self, made: Lab, me: Container) -> None:
        self.lab = made
        self.me = me

    async def curl(self, *words: str, given: bytes = b"") -> Done:
        return await self.lab.exec(self.me, "curl", *words, given=given)

    async def said(self, *words: str) -> str:
        done = await self.curl("-s", *words)
        assert (done.code, done.err) == (0, "")
        return done.out

    async def told(self, *words: str) -> dict[str, object]:
        """What go-httpbin says that it was asked."""
        answer = json.loads(await self.said(*words))
        assert isinstance(answer, dict)
        return answer


@asynccontextmanager
async def asking_pod() -> AsyncIterator[Asking]:
    """The pod, beside http-echo as `backend` and go-httpbin as `httpbin`."""
    async with lab() as made:
        await made.start("hashicorp/http-echo", "backend", 5678, "-text=Backend v1")
        await made.start("mccutchen/go-httpbin", "httpbin", 8080)
        yield Asking(made, made.container("curlimages/curl:8.16.0"))
