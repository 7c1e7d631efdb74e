"""A small HTTP/1.1 server on a Unix socket: keep-alive, pipelining, chunked answers."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from pathlib import Path

from app.sandbox.programs.http import Handler, Request, Response, reason_of
from app.sandbox.programs.parse import Malformed, RequestReader

PLENTY = 256 * 1024  # bytes that may wait to be sent before a streamed answer pauses


class Server:
    """A listening server; `close` ends it and every connection."""

    def __init__(self, handler: Handler, refuse: Handler | None = None) -> None:
        self.handler = handler
        self.refuse = refuse
        self.connections: set[_Connection] = set()
        self.listening: asyncio.Server | None = None

    async def close(self) -> None:
        """Stop listening, break off what is under way, and wait until all of it has ended."""
        if self.listening is not None:
            self.listening.close()
        works = [work for each in tuple(self.connections) if (work := each.end())]
        for work in works:
            with suppress(asyncio.CancelledError):
                await work
        if self.listening is not None:
            await self.listening.wait_closed()


async def serve(path: Path, handler: Handler, refuse: Handler | None = None) -> Server:
    """Return a server that listens on a socket; a file that a dead one left there is replaced.

    A handler that returns its answer at once is the fast way; one that waits has a task of its own.
    `refuse` says what a malformed request is answered with: it is asked with the method empty and
    the status as target. Raises: OSError where somebody listens there already.
    """
    if _is_taken(path):
        raise OSError(errno.EADDRINUSE, "address already in use")
    server = Server(handler, refuse)
    loop = asyncio.get_running_loop()
    server.listening = await loop.create_unix_server(
        lambda: _Connection(server), path, backlog=1024
    )
    return server


def _is_taken(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(path)) == 0


class _Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server
        self._reader = RequestReader()
        self._transport: asyncio.Transport | None = None
        self._work: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=PLENTY)
        self._transport = transport
        self._reader.peer = str(transport.get_extra_info("peername") or "")
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        self._transport = None
        self._room.set()
        if self._work is not None:
            self._work.cancel()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def end(self) -> asyncio.Task[None] | None:
        """Break the connection off; return the work that is still to end."""
        if self._transport is not None:
            self._transport.abort()
        if self._work is not None:
            self._work.cancel()
        return self._work

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._go_on()

    def _go_on(self) -> None:
        """Answer what has arrived, one request after the other."""
        transport = self._transport
        while transport is not None and self._work is None and not transport.is_closing():
            try:
                request = self._reader.next()
            except Malformed as error:
                self._refuse(error.status)
                return
            if request is None:
                if self._reader.is_awaited:
                    self._reader.is_awaited = False
                    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            answer = self._server.handler(request)
            if isinstance(answer, Response) and isinstance(answer.body, bytes):
                self._send(request, answer, answer.body)
            else:
                self._begin(self._wait(request, answer), answer)
        if self._work is not None and transport is not None:
            transport.pause_reading()

    def _begin(self, work: Coroutine[None, None, None], answer: object) -> None:
        self._work = asyncio.get_running_loop().create_task(work)
        self._work.add_done_callback(self._done)
        if isinstance(answer, Coroutine):  # a task that is cancelled at once never gets to it
            self._work.add_done_callback(lambda _: answer.close())

    def _done(self, work: asyncio.Task[None]) -> None:
        self._work = None
        if work.cancelled() or self._transport is None:
            return
        if (error := work.exception()) is not None:
            self._transport.abort()
            raise error
        self._transport.resume_reading()
        self._go_on()

    async def _wait(self, request: Request, answer: object) -> None:
        if not isinstance(answer, Response):
            answer = await answer  # type: ignore[misc]
        assert isinstance(answer, Response)
        if isinstance(answer.body, bytes):
            self._send(request, answer, answer.body)
        else:
            await self._stream(request, answer, answer.body)

    def _send(self, request: Request, answer: Response, body: bytes) -> None:
        transport = self._transport
        if transport is None:
            return
        is_bodiless = answer.status in (204, 304) or answer.status < 200
        is_framed = is_bodiless or request.method == "HEAD" or _says(answer, "content-length")
        framing = [] if is_framed else [len(body)]
        head = _head(answer, *(f"Content-Length: {length}" for length in framing))
        is_last = _is_last(request, answer)
        if is_last and not _says(answer, "connection"):
            head = head[:-2] + b"Connection: close\r\n\r\n"
        transport.write(head if request.method == "HEAD" or is_bodiless else head + body)
        if answer.is_cut:
            transport.abort()
        elif is_last:
            transport.close()

    async def _stream(self, request: Request, answer: Response, body: AsyncIterator[bytes]) -> None:
        is_sized, is_old = _says(answer, "content-length"), request.version == "HTTP/1.0"
        is_chunked = not is_sized and not is_old
        self._write(_head(answer, *(["Transfer-Encoding: chunked"] if is_chunked else [])))
        if request.method != "HEAD":
            async for piece in body:
                await self._room.wait()
                if self._transport is None:
                    return
                if piece:
                    self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
        if answer.is_cut and self._transport is not None:
            self._transport.abort()
            return
        self._write(b"0\r\n\r\n" if is_chunked and request.method != "HEAD" else b"")
        if (is_old or _is_last(request, answer)) and self._transport is not None:
            self._transport.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)

    def _refuse(self, status: int) -> None:
        asked = Request("", str(status), "HTTP/1.1", [])
        answer = self._server.refuse(asked) if self._server.refuse else _bare(status)
        assert isinstance(answer, Response)
        assert isinstance(answer.body, bytes)
        answer.is_last = True
        self._send(asked, answer, answer.body)


def _bare(status: int) -> Response:
    """What Go's server says to a request that it cannot read."""
    said = f"{status} {reason_of(status)}"
    plain = ("Content-Type", "text/plain; charset=utf-8")
    return Response(status, [plain, ("Connection", "close")], said.encode())


def _head(answer: Response, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {answer.reason or reason_of(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    return "\r\n".join([*lines, *more, "", ""]).encode("latin-1", "replace")


def _says(answer: Response, name: str) -> bool:
    return any(key.lower() == name for key, _ in answer.headers)


def _is_last(request: Request, answer: Response) -> bool:
    asked = request.header("connection").lower()
    is_old = request.version == "HTTP/1.0" and asked != "keep-alive"
    return answer.is_last or is_old or asked == "close"
