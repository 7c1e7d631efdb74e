"""One transfer: a request, its redirects, and the answer's way to where it is written."""

import asyncio
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.shell.curl.bodies import FORM, make_head
from app.sandbox.shell.curl.connections import Connection, Connections, Timing, Wishes
from app.sandbox.shell.curl.failures import (
    HTTP_ERROR,
    MANY_REDIRECTS,
    TIMED_OUT,
    Failure,
    cut,
    unanswered,
)
from app.sandbox.shell.curl.options import Group
from app.sandbox.shell.curl.urls import Url, join, parse_url
from app.sandbox.shell.http import (
    Closed,
    CutShort,
    Head,
    NotHttp,
    body_pieces,
    body_size,
    read_head,
)

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 50


@dataclass
class Result:
    """What came of a transfer, as -w tells it."""

    url: str
    timing: Timing = field(default_factory=Timing)
    effective: str = ""
    method: str = "GET"
    code: int = 0
    message: str = ""
    hint: str = ""
    head: Head | None = None
    ip: str = ""
    port: int = 0
    scheme: str = ""
    connects: int = 0
    redirects: int = 0
    redirect_url: str = ""
    downloaded: int = 0
    expected: int | None = None
    uploaded: int = 0
    head_bytes: int = 0
    request_bytes: int = 0

    @property
    def status(self) -> int:
        """The last answer's status, 0 where there was none."""
        return self.head.status if self.head else 0


@dataclass
class Sinks:
    """Where a transfer's parts go: the body, the heads (-i, -D), and what -v tells."""

    body: Callable[[bytes], None]
    head: Callable[[bytes], None] | None = None
    tell: Callable[[str, bytes], None] | None = None  # a mark (`*`, `>`, `<`) and a text


class Transfer:
    """One URL of a group, asked once."""

    def __init__(
        self,
        group: Group,
        connections: Connections,
        wishes: Wishes,
        sinks: Sinks,
        version: str,
        data: bytes | None,
        form: tuple[bytes, str] | None,
    ) -> None:
        self._group = group
        self._connections = connections
        self._wishes = wishes
        self._sinks = sinks
        self._version = version
        self._body = form[0] if form else data
        self._kind = form[1] if form else "application/json" if group.has("json") else FORM

    async def run(self, written: str) -> Result:
        """Return what came of it; a failure is part of that."""
        result = Result(written)
        limit_s = self._group.seconds("max-time", 0.0)
        try:
            if limit_s:
                async with asyncio.timeout(limit_s):
                    await self._follow(written, result)
            else:
                await self._follow(written, result)
        except TimeoutError:
            self._fail(result, Failure(TIMED_OUT, _timed_out(result)))
        except Failure as failure:
            self._fail(result, failure)
        result.timing.total = result.timing.now()
        return result

    def _fail(self, result: Result, failure: Failure) -> None:
        result.code, result.message, result.hint = failure.code, failure.message, failure.hint
        if failure.code != HTTP_ERROR:
            self._tell("*", failure.message)

    def _tell(self, mark: str, text: str) -> None:
        if self._sinks.tell is not None:
            self._sinks.tell(mark, f"{text}\n".encode())

    async def _follow(self, written: str, result: Result) -> None:
        group = self._group
        url = parse_url(written, is_as_is=group.has("path-as-is"))
        result.effective = str(url)
        method = self._method()
        while True:
            result.method = method
            head = await self._ask(url, method, result)
            location = head.header("location")
            if head.status not in _REDIRECTS or location is None:
                return
            target = join(url, location)
            if not group.has("location"):
                result.redirect_url = target
                return
            most = int(group.value("max-redirs", str(_MAX_REDIRECTS)))
            if result.redirects >= most:
                raise Failure(MANY_REDIRECTS, f"Maximum ({most}) redirects followed")
            result.redirects += 1
            result.timing.redirect = result.timing.now()
            self._tell("*", f"Issue another request to this URL: '{target}'")
            url, method = parse_url(target), self._method_after(head.status, method)
            result.effective = str(url)

    def _method(self) -> str:
        group = self._group
        if asked := group.value("request"):
            return asked
        if group.has("head"):
            return "HEAD"
        if group.value("upload-file"):
            return "PUT"
        return "GET" if self._body is None else "POST"

    def _method_after(self, status: int, method: str) -> str:
        is_kept = self._group.has(f"post{status}") or self._group.value("request")
        if method == "POST" and status in (301, 302, 303) and not is_kept:
            self._body = None
            return "GET"
        return method

    async def _ask(self, url: Url, method: str, result: Result) -> Head:
        """Return the head of the answer, once its body has been read."""
        connection, head = await self._answered(url, method, result)
        is_redirect = head.status in _REDIRECTS and head.header("location") is not None
        is_followed = is_redirect and self._group.has("location")
        is_error = head.status >= 400 and self._group.has("fail")
        size = body_size(head, "HEAD" if self._group.has("head") else method)
        try:
            if is_error:
                self._connections.drop(connection)
            else:
                await self._read_body(connection, head, size, result, is_silent=is_followed)
        except (CutShort, ConnectionError, NotHttp) as error:
            self._connections.drop(connection)
            raise cut(error) from error
        except BaseException:
            self._connections.drop(connection)
            raise
        if is_error or (head.status >= 400 and self._group.has("fail-with-body")):
            said = f"The requested URL returned error: {head.status}"
            raise Failure(HTTP_ERROR, said)
        return head

    async def _answered(self, url: Url, method: str, result: Result) -> tuple[Connection, Head]:
        request = self._request(url, method)
        body = self._body if self._body is not None and method != "HEAD" else b""
        while True:
            connection = await self._connected(url, result)
            was_used = connection.is_used
            try:
                self._tell_request(request, body)
                connection.writer.write(request + body)
                if len(body) > 65536:
                    await connection.writer.drain()
                result.request_bytes += len(request)
                result.uploaded += len(body)
                return connection, await self._head(connection, result)
            except (Closed, CutShort, NotHttp, ConnectionError, ssl.SSLError) as error:
                self._connections.drop(connection)
                if was_used and not isinstance(error, NotHttp):
                    self._tell("*", "Connection died, retrying a fresh connect")
                    continue
                raise unanswered(error) from error
            except BaseException:
                self._connections.drop(connection)
                raise

    async def _connected(self, url: Url, result: Result) -> Connection:
        connection = self._connections.reused(url)
        timing = result.timing
        if connection is not None:
            self._tell(
                "*", f"Re-using existing connection #{connection.number} with host {url.host}"
            )
        else:
            say = (lambda text: self._tell("*", text)) if self._sinks.tell else _quiet
            connection = await self._connections.open(url, self._wishes, timing, say)
            result.connects += 1
            self._tell("*", f"Connected to {url.host} ({connection.ip}) port {url.port}")
        result.ip, result.port, result.scheme = connection.ip, url.port, url.scheme.upper()
        timing.pretransfer = timing.now()
        return connection

    async def _head(self, connection: Connection, result: Result) -> Head:
        while True:
            head = await read_head(connection.reader)
            if not result.timing.starttransfer or result.redirects:
                result.timing.starttransfer = result.timing.now()
            result.head_bytes += len(head.raw)
            if self._sinks.tell is not None:
                for line in head.raw.split(b"\r\n")[:-1]:
                    self._sinks.tell("<", line + b"\r\n")
            if self._sinks.head is not None:
                self._sinks.head(head.raw)
            result.head = head
            if head.status >= 200 or head.status == 101:
                return head

    async def _read_body(
        self,
        connection: Connection,
        head: Head,
        size: int | None,
        result: Result,
        *,
        is_silent: bool,
    ) -> None:
        result.expected = size if size is not None and size >= 0 else None
        unpack = self._unpacker(head)
        if size != 0:
            async for piece in body_pieces(connection.reader, size):
                result.downloaded += len(piece)
                if self._sinks.tell is not None:
                    self._sinks.tell("{", f"[{len(piece)} bytes data]\n".encode())
                if not is_silent:
                    self._sinks.body(unpack(piece) if unpack else piece)
        if head.keeps_alive() and size is not None:
            self._connections.keep(connection)
            host = connection.key[1]
            self._tell("*", f"Connection #{connection.number} to host {host} left intact")
        else:
            self._connections.drop(connection)
            self._tell("*", f"Closing connection {connection.number}")

    def _unpacker(self, head: Head) -> Callable[[bytes], bytes] | None:
        packed = (head.header("content-encoding") or "").lower()
        if not self._group.has("compressed") or packed not in ("gzip", "deflate"):
            return None
        return zlib.decompressobj(31 if packed == "gzip" else 15).decompress

    def _request(self, url: Url, method: str) -> bytes:
        extra = []
        if self._body is not None and method != "HEAD":
            extra = [f"Content-Length: {len(self._body)}"]
            if not self._group.value("upload-file"):
                extra.append(f"Content-Type: {self._kind}")
        return make_head(self._group, url, method, self._version, extra)

    def _tell_request(self, request: bytes, body: bytes) -> None:
        if self._sinks.tell is None:
            return
        for line in request.split(b"\r\n")[:-1]:
            self._sinks.tell(">", line + b"\r\n")
        if body:
            self._sinks.tell("}", f"[{len(body)} bytes data]\n".encode())


def _quiet(_text: str) -> None:
    return None


def _timed_out(result: Result) -> str:
    took = int(result.timing.now() * 1000)
    if not result.timing.connect and not result.connects and not result.ip:
        return f"Connection timed out after {took} milliseconds"
    got = str(result.downloaded)
    if result.expected is not None and result.downloaded:
        got += f" out of {result.expected}"
    return f"Operation timed out after {took} milliseconds with {got} bytes received"
