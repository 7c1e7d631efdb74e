"""Tools that ask over the network: wget and nslookup."""

import asyncio
import re
from contextlib import suppress

from app.sandbox.network.dns import SERVER, candidates, lookup
from app.sandbox.network.errors import NetworkError, NoSuchHost, TimedOut, Unreachable
from app.sandbox.shell.call import BadUse, Call
from app.sandbox.shell.curl.failures import Failure
from app.sandbox.shell.curl.urls import Url, join, parse_url
from app.sandbox.shell.files import Unwritable
from app.sandbox.shell.http import (
    Closed,
    CutShort,
    Head,
    NotHttp,
    body_pieces,
    body_size,
    read_head,
)

_MOST_REDIRECTS = 5
_MOST_BYTES = 1024 * 1024
_TIMEOUT_S = 900.0


class _Wanted:
    """What wget's command line asks for."""

    def __init__(self, words: list[str]) -> None:
        self.output: str | None = None
        self.is_quiet = self.is_spider = self.shows_head = False
        self.timeout_s = _TIMEOUT_S
        self.headers: list[str] = []
        self.body: str | None = None
        self.urls: list[str] = []
        self._words = words
        while self._words:
            self._take(self._words.pop(0))
        if not self.urls:
            raise BadUse("missing URL")

    def _take(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if word.startswith("--"):
            self._long(name, value if equals else None)
        elif word.startswith("-") and len(word) > 1:
            self._short(word[1:])
        else:
            self.urls.append(word)

    def _long(self, name: str, value: str | None) -> None:
        if name in ("--quiet", "--no-verbose"):
            self.is_quiet = True
        elif name == "--spider":
            self.is_spider = True
        elif name == "--server-response":
            self.shows_head = True
        elif name == "--header":
            self.headers.append(self._value(name, value))
        elif name == "--post-data":
            self.body = self._value(name, value)
        elif name in ("--output-document", "--timeout"):
            self._set({"--output-document": "O", "--timeout": "T"}[name], self._value(name, value))
        elif name != "--no-check-certificate":
            raise BadUse(f"unrecognized option: {name.lstrip('-')}")

    def _short(self, letters: str) -> None:
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "OTt":
                self._set(letter, letters or self._value(f"-{letter}", None))
                return
            if letter == "q":
                self.is_quiet = True
            elif letter == "S":
                self.shows_head = True
            elif letter != "c":
                raise BadUse(f"unrecognized option: {letter}")

    def _set(self, letter: str, value: str) -> None:
        if letter == "O":
            self.output = value
        elif letter == "T":
            self.timeout_s = float(value) if re.fullmatch(r"\d{1,6}(\.\d+)?", value) else _TIMEOUT_S

    def _value(self, name: str, value: str | None) -> str:
        if value is not None:
            return value
        if not self._words:
            raise BadUse(f"option requires an argument: {name.lstrip('-')}")
        return self._words.pop(0)


async def wget(call: Call) -> int:
    """Fetch a URL, as busybox's wget does."""
    wanted = _Wanted(call.argv[1:])
    for written in wanted.urls:
        try:
            await _fetch(call, wanted, written)
        except Failure as failure:
            raise BadUse(failure.message) from failure
    return 0


async def _fetch(call: Call, wanted: _Wanted, written: str) -> None:
    url = parse_url(written)
    for _ in range(_MOST_REDIRECTS + 1):
        if not wanted.is_quiet:
            call.io.err(f"Connecting to {url.host}:{url.port}\n".encode())
        where = await _ask(call, wanted, url)
        if where is None:
            return
        url = parse_url(join(url, where))
    raise BadUse("too many redirections")


async def _ask(call: Call, wanted: _Wanted, url: Url) -> str | None:
    """Fetch once; return where a redirect leads."""
    if url.scheme != "http":
        raise BadUse("the sandbox's wget speaks http alone")
    writer = None
    try:
        async with asyncio.timeout(wanted.timeout_s):
            reader, writer = await call.container.connect(url.host, url.port, wanted.timeout_s)
            writer.write(_request(wanted, url))
            head = await read_head(reader)
            if wanted.shows_head:
                call.io.err(
                    b"".join(b"  " + line + b"\n" for line in head.raw.split(b"\r\n") if line)
                )
            where = head.header("location")
            if 300 <= head.status < 400 and where:
                return where
            if head.status >= 400:
                raise BadUse(f"server returned error: HTTP/1.1 {head.status} {head.reason}")
            body = b""
            async for piece in body_pieces(reader, body_size(head, "GET")):
                body += piece
                if len(body) > _MOST_BYTES:
                    raise BadUse("the sandbox's wget keeps no more than 1 MiB")
            _save(call, wanted, url, head, body)
            return None
    except NoSuchHost as error:
        raise BadUse(f"bad address '{url.host}'") from error
    except (TimeoutError, TimedOut) as error:
        raise BadUse("download timed out") from error
    except NetworkError as error:
        why = "Host is unreachable" if isinstance(error, Unreachable) else "Connection refused"
        raise BadUse(f"can't connect to remote host ({_ip(call, url)}): {why}") from error
    except ConnectionError as error:
        raise BadUse("error getting response: Connection reset by peer") from error
    except (Closed, CutShort, NotHttp) as error:
        raise BadUse("error getting response") from error
    finally:
        if writer is not None:
            writer.transport.abort()


def _ip(call: Call, url: Url) -> str:
    with suppress(NetworkError):
        return call.container.network.resolve(call.container.place, url.host)[0]
    return url.host


def _request(wanted: _Wanted, url: Url) -> bytes:
    method = "POST" if wanted.body is not None else "HEAD" if wanted.is_spider else "GET"
    lines = [f"{method} {url.target} HTTP/1.1", f"Host: {url.authority}", "User-Agent: Wget"]
    lines += [line.replace("\r", "").replace("\n", "") for line in wanted.headers]
    body = (wanted.body or "").encode()
    if wanted.body is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def _save(call: Call, wanted: _Wanted, url: Url, head: Head, body: bytes) -> None:
    if wanted.is_spider:
        call.io.err(b"" if wanted.is_quiet else b"remote file exists\n")
        return
    name = wanted.output or url.target.partition("?")[0].rpartition("/")[2] or "index.html"
    if name == "-":
        call.io.out(body)
        return
    if name == "/dev/null":
        return
    try:
        call.container.write(name if name.startswith("/") else f"/{name}", body)
    except Unwritable as error:
        raise BadUse(f"can't open '{name}': {error.why}") from error
    if not wanted.is_quiet:
        call.io.err(f"saving to '{name}'\n'{name}' saved\n".encode())


async def nslookup(call: Call) -> int:
    """Look a name up, as busybox's nslookup does."""
    names = [word for word in call.argv[1:] if not word.startswith("-")]
    if not names:
        call.io.err(b"Usage: nslookup [-type=QUERY_TYPE] HOST [DNS_SERVER]\n")
        return 1
    call.out(f"Server:\t\t{SERVER}\nAddress:\t{SERVER}:53\n\n")
    namespace = call.container.place.namespace
    full, addresses = lookup(call.container.network.store, names[0], namespace)
    if addresses:
        call.out("".join(f"Name:\t{full}\nAddress: {each}\n" for each in addresses) + "\n")
        return 0
    tried = candidates(names[0], namespace)
    call.out("".join(f"** server can't find {each}: NXDOMAIN\n\n" for each in tried[:1]))
    return 1
