"""A call of istioctl over the wire: one JSON object in, lines of JSON out.

In: {"argv": [...], "files": {path: text}, "folders": {path: [path, ...]}, "answers": [...],
"namespace": "...", "terminal": false}. Out, a line each: {"out": "..."}, {"err": "..."}, at the end
{"code": 0}, or {"ask": true} where a question was printed: the client calls anew with its answer.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from app.sandbox.istioctl.lab import Lab, Request
from app.sandbox.istioctl.run import run
from app.sandbox.istioctl.terminal import Asked, Terminal
from app.sandbox.objects import Json, strings, table, text, words
from app.sandbox.status import bad_request

MOST_WORDS = 200


def request_of(body: Json) -> Request:
    """Return the call that a body asks for. Raises: StatusError 400."""
    argv = words(body, "argv")
    if not isinstance(body, dict) or body.get("argv") != argv or len(argv) > MOST_WORDS:
        raise bad_request("argv must be a list of words")
    return Request(
        argv,
        {path: content.encode() for path, content in strings(body, "files").items()},
        {
            path: [name for name in names if isinstance(name, str)]
            for path, names in table(body, "folders").items()
            if isinstance(names, list)
        },
        text(body, "namespace") or "default",
        body.get("terminal") is True,
    )


async def answer(body: Json, lab: Lab) -> AsyncIterator[bytes]:
    """Yield the lines of a call as they come; closing it ends the call. Raises: StatusError 400."""
    request = request_of(body)
    lines: asyncio.Queue[Json] = asyncio.Queue()
    terminal = Terminal(
        lambda said: lines.put_nowait({"out": said}),
        lambda said: lines.put_nowait({"err": said}),
        words(body, "answers"),
    )
    task = asyncio.create_task(_ended(request, terminal, lab, lines))
    try:
        while True:
            line = await lines.get()
            if line is None:
                break
            yield json.dumps(line).encode() + b"\n"
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ended(
    request: Request, terminal: Terminal, lab: Lab, lines: asyncio.Queue[Json]
) -> None:
    try:
        lines.put_nowait({"code": await run(request, terminal, lab)})
    except Asked:
        lines.put_nowait({"ask": True})
    finally:
        lines.put_nowait(None)
