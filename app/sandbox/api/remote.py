"""istioctl, run inside the sandbox: argv and files in, lines of JSON out."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

from starlette.requests import Request

from app.sandbox.api.answers import encoded
from app.sandbox.api.bodies import parse_json, read
from app.sandbox.api.ports import Istioctl
from app.sandbox.api.streaming import Stream
from app.sandbox.objects import Json, Obj, strings, words
from app.sandbox.status import bad_request

PATH = "/apis/sandbox.mesh-dojo/v1/istioctl"


class _Lines:
    """An Io whose output is lines of JSON: `{"out": ...}`, `{"err": ...}`."""

    def __init__(self) -> None:
        self.stdin = asyncio.StreamReader()
        self.stdin.feed_eof()
        self.queue: asyncio.Queue[Obj] = asyncio.Queue()

    def out(self, data: bytes) -> None:
        """Queue what goes to standard output."""
        self.queue.put_nowait({"out": data.decode("utf-8", "replace")})

    def err(self, data: bytes) -> None:
        """Queue what goes to standard error."""
        self.queue.put_nowait({"err": data.decode("utf-8", "replace")})


async def remote(request: Request, istioctl: Istioctl) -> Stream:
    """Return the stream of one command; its last line is `{"code": 0}`.

    The body is `{"argv": [...], "files": {name: content as base64}}`. Raises: StatusError 400.
    """
    if request.method != "POST":
        raise bad_request("a command is posted")
    try:
        asked = parse_json(await read(request))
        files = {name: base64.b64decode(held) for name, held in strings(asked, "files").items()}
    except ValueError as error:
        raise bad_request(f"no command of istioctl: {error}") from error
    return Stream(_ran(istioctl, words(asked, "argv"), files), "application/json", at_once=True)


async def _ran(
    istioctl: Istioctl, argv: list[str], files: dict[str, bytes]
) -> AsyncIterator[bytes]:
    io = _Lines()
    running = asyncio.ensure_future(istioctl(argv, files, io))
    running.add_done_callback(lambda _: io.queue.put_nowait({}))
    try:
        while line := await io.queue.get():
            yield encoded(line) + b"\n"
        code: Json = running.result()
        yield json.dumps({"code": code}).encode() + b"\n"
    finally:
        if not running.done():
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
