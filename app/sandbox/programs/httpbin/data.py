"""The paths that send data of some form: bytes, drip, stream, base64, gzip, pages."""

import asyncio
import base64
import binascii
import gzip as gzips
import json
import random
import uuid as uuids
import zlib
from collections.abc import AsyncIterator

from app.sandbox.objects import Json
from app.sandbox.programs.golang import PLAIN, parse_int, pretty
from app.sandbox.programs.http import Response, http_date
from app.sandbox.programs.httpbin.asked import HTML, JSON, Asked, Bad, cors, error, say, say_json
from app.sandbox.programs.httpbin.echo import origin, seen, url, without_body
from app.sandbox.programs.httpbin.outcomes import bounded, code_of, read

_BINARY = "application/octet-stream"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_MAX_LINES = 100
_SLIDES: Json = {
    "slideshow": {
        "author": "Yours Truly",
        "date": "date of publication",
        "slides": [
            {"title": "Wake up to WonderWidgets!", "type": "all"},
            {
                "items": [
                    "Why <em>WonderWidgets</em> are great",
                    "Who <em>buys</em> WonderWidgets",
                ],
                "title": "Overview",
                "type": "all",
            },
        ],
        "title": "Sample Slide Show",
    }
}


def index(asked: Asked) -> Response:
    """The page that lists the paths."""
    paths = ["get", "headers", "ip", "status/418", "delay/1", "unstable", "bytes/16", "uuid"]
    listed = "".join(f'<li><a href="/{path}">/{path}</a></li>' for path in paths)
    page = f"<!DOCTYPE html><html><head><title>go-httpbin</title></head><body><ul>{listed}</ul>"
    return say(asked, 200, f"{page}</body></html>\n".encode(), HTML)


def html(asked: Asked) -> Response:
    """A page."""
    page = b"<!DOCTYPE html><html><body><h1>A page of HTML</h1><p>To look at.</p></body></html>\n"
    return say(asked, 200, page, HTML)


def xml(asked: Asked) -> Response:
    """A document in XML."""
    page = b'<?xml version="1.0" encoding="us-ascii"?>\n<slideshow title="Sample Slide Show"/>\n'
    return say(asked, 200, page, "application/xml")


def robots(asked: Asked) -> Response:
    """What robots may read."""
    return say(asked, 200, b"User-agent: *\nDisallow: /deny\n", PLAIN)


def deny(asked: Asked) -> Response:
    """What robots may not read."""
    return say(asked, 200, b"YOU SHOULDN'T BE HERE", PLAIN)


def json_page(asked: Asked) -> Response:
    """A document in JSON."""
    return say_json(asked, _SLIDES)


def uuid(asked: Asked) -> Response:
    """A new uuid."""
    return say_json(asked, {"uuid": str(uuids.uuid4())})


def hostname(asked: Asked) -> Response:
    """The name of the host, which is not told."""
    return say_json(asked, {"hostname": "go-httpbin"})


def version(asked: Asked) -> Response:
    """The name of the service."""
    return say_json(asked, {"service": "go-httpbin"})


def env(asked: Asked) -> Response:
    """The environment that may be told: nothing."""
    return say_json(asked, {"env": None})


def cache(asked: Asked) -> Response:
    """304 to whoever has it already."""
    header = asked.request.header
    if header("if-modified-since") or header("if-none-match"):
        return say(asked, 304)
    own = {"Etag": uuids.uuid4().hex + "0" * 8, "Last-Modified": http_date()}
    return say_json(asked, without_body(asked), own=own)


def cache_control(asked: Asked) -> Response:
    """An answer that may be kept for a number of seconds."""
    seconds = read("invalid cache duration", asked.words[0], parse_int)
    own = {"Cache-Control": f"public, max-age={int(seconds)}"}
    return say_json(asked, without_body(asked), own=own)


def make_bytes(asked: Asked) -> Response:
    """Random bytes; with the same seed the same ones."""
    body = _random(asked)
    if not body:
        return say(asked, 200)
    return say(asked, 200, body, _BINARY, {"Content-Length": str(len(body))})


def stream_bytes(asked: Asked) -> Response:
    """Random bytes in chunks."""
    body = _random(asked)
    size = int(read("invalid chunk_size", asked.argument("chunk_size") or "10240", parse_int))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), max(size, 1)):
            yield body[start : start + max(size, 1)]

    return _streamed(asked, pieces(), _BINARY)


def _random(asked: Asked) -> bytes:
    count = int(read("invalid byte count", asked.words[0], parse_int))
    most = asked.limits.body_bytes
    if count < 0:
        raise Bad(f"invalid byte count: {count} must be greater than 0")
    if count > most:
        raise Bad(f"invalid byte count: {count} not in range [1, {most}]")
    seed = asked.argument("seed")
    return random.Random(seed or None).randbytes(count)


async def drip(asked: Asked) -> Response:
    """Bytes that come slowly, after a delay."""
    try:
        span = bounded(asked, "invalid duration", asked.argument("duration") or "2")
        wait = bounded(asked, "invalid delay", asked.argument("delay") or "2")
        count = int(read("invalid numbytes", asked.argument("numbytes") or "10", parse_int))
        code = code_of(asked.argument("code") or "200")
        most = asked.limits.body_bytes
        if not 1 <= count <= most:
            raise Bad(f"invalid numbytes: {count} not in range [1, {most}]")
        if span + wait > asked.limits.duration_s:
            raise Bad(f"too much time: {span:g}s+{wait:g}s > {asked.limits.duration_s:g}s")
    except Bad as bad:
        return error(asked, 400, str(bad))
    await asyncio.sleep(wait)
    pause = span / (count - 1) if count > 1 else span

    async def pieces() -> AsyncIterator[bytes]:
        if not pause:
            yield b"*" * count
            return
        for number in range(count):
            yield b"*"
            if number < count - 1:
                await asyncio.sleep(pause)

    timing = (
        f'total_duration;dur={(wait + span) * 1000:.2f};desc="total request duration",'
        f' initial_delay;dur={wait * 1000:.2f};desc="initial delay",'
        f' write_duration;dur={span * 1000:.2f};desc="duration of writes after initial delay",'
        f' pause_per_write;dur={pause * 1000:.2f};desc="computed pause between writes"'
    )
    own = {"Content-Length": str(count), "Server-Timing": timing}
    return _streamed(asked, pieces(), PLAIN, own, code)


def _streamed(
    asked: Asked,
    pieces: AsyncIterator[bytes],
    kind: str,
    own: dict[str, str] | None = None,
    code: int = 200,
) -> Response:
    headers = sorted({**cors(asked), "Content-Type": kind, **(own or {})}.items())
    return Response(code, [*headers, ("Date", http_date())], pieces)


def stream(asked: Asked) -> Response:
    """A number of lines of JSON."""
    count = int(read("invalid count", asked.words[0], parse_int))
    said: dict[str, Json] = {**seen(asked), "origin": origin(asked), "url": url(asked)}

    async def lines() -> AsyncIterator[bytes]:
        for number in range(max(1, min(count, _MAX_LINES))):
            line = json.dumps({"id": number, **said}, separators=(",", ":"), ensure_ascii=False)
            yield f"{line}\n".encode()

    headers = [*sorted(cors(asked).items()), ("Date", http_date()), ("Content-Type", PLAIN)]
    return Response(200, headers, lines())


def number_range(asked: Asked) -> Response:
    """The alphabet, repeated to a length."""
    count = int(read("invalid count", asked.words[0], parse_int))
    if not 0 < count <= asked.limits.body_bytes:
        raise Bad(f"invalid count: {count} not in range [1, {asked.limits.body_bytes}]")
    body = (_LETTERS * (count // 26 + 1))[:count]
    own = {"Accept-Ranges": "bytes", "Content-Length": str(count), "Etag": f"range{count}"}
    return say(asked, 200, body, PLAIN, own)


def base_64(asked: Asked) -> Response:
    """Decode base64, or encode it."""
    *operation, data = asked.words
    if operation not in ([], ["decode"], ["encode"]):
        raise Bad(f"invalid operation: {operation[0]}")
    if operation == ["encode"]:
        return say(asked, 200, base64.urlsafe_b64encode(data.encode()), PLAIN)
    try:
        decoded = base64.urlsafe_b64decode(data.replace("+", "-").replace("/", "_"))
    except binascii.Error as unread:
        raise Bad(f"decode failed: {unread}") from unread
    return say(asked, 200, decoded, PLAIN)


def gzip(asked: Asked) -> Response:
    """An answer that is compressed with gzip."""
    body = gzips.compress(pretty({**without_body(asked), "gzipped": True}))
    own = {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
    return say(asked, 200, body, JSON, own)


def deflate(asked: Asked) -> Response:
    """An answer that is compressed with deflate."""
    body = zlib.compress(pretty({**without_body(asked), "deflated": True}))
    own = {"Content-Encoding": "deflate", "Content-Length": str(len(body))}
    return say(asked, 200, body, JSON, own)


def links(asked: Asked) -> Response:
    """A page of links to its siblings."""
    count = int(read("invalid link count", asked.words[0], parse_int))
    if not 0 <= count <= 256:
        raise Bad(f"invalid link count: {count} must be in range [0, 256]")
    if len(asked.words) == 1:
        return say(asked, 302, own={"Location": f"/links/{count}/0"})
    here = int(read("invalid offset", asked.words[1], parse_int))
    each = (
        f"{n} " if n == here else f'<a href="/links/{count}/{n}">{n}</a> ' for n in range(count)
    )
    page = f"<html><head><title>Links</title></head><body>{''.join(each)}</body></html>"
    return say(asked, 200, page.encode(), HTML)
