"""`proxy_pass`: asking another server, and handing its answer on."""

import asyncio
import random
import re

from app.sandbox.network.errors import NetworkError, NoSuchHost, TimedOut
from app.sandbox.programs.http import Headers, Response
from app.sandbox.programs.nginx.answering import Answers, Visit
from app.sandbox.programs.nginx.reading import BadConfig, Directive
from app.sandbox.programs.nginx.sites import Config, Location
from app.sandbox.shell.container import Container
from app.sandbox.shell.http import Closed, CutShort, NotHttp, body_pieces, body_size, read_head

_URL = re.compile(r"http://([A-Za-z0-9_.-]+)(?::(\d{1,5}))?(/\S*)?")
_DROPPED = ("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server")
_MOST_BYTES = 10 * 1024 * 1024


def check_upstreams(config: Config, container: Container) -> None:
    """Resolve whatever is proxied to, as nginx does at its start. Raises: BadConfig."""
    for site in config.sites:
        for location in site.locations:
            for directive in location.rules.get("proxy_pass", []):
                _check(directive, config, container)


def _check(directive: Directive, config: Config, container: Container) -> None:
    written = directive.words[0]
    found = _URL.fullmatch(written)
    if found is None:
        if written.startswith("https://"):
            raise directive.bad("the sandbox's nginx does not emulate TLS to upstreams")
        raise directive.bad("invalid URL prefix")
    for name in config.upstreams.get(found[1], [found[1]]):
        host = name.rpartition(":")[0] or name
        try:
            container.network.resolve(container.place, host)
        except NoSuchHost as error:
            raise directive.bad(f'host not found in upstream "{host}"') from error


async def proxied(
    visit: Visit, location: Location, config: Config, answers: Answers, container: Container
) -> Response:
    """Return what the other server answers; 502 where it does not, 504 where it takes too long."""
    found = _URL.fullmatch(location.words("proxy_pass")[0])
    if found is None:
        raise BadConfig("invalid URL prefix")
    host, port = found[1], int(found[2] or 80)
    if servers := config.upstreams.get(host):
        name, _, other = random.choice(servers).partition(":")
        connect_to = (name, int(other) if other.isdigit() else 80)
    else:
        connect_to = (host, port)
    target = visit.request.target
    if found[3]:
        target = found[3] + target[len(location.path) :]
    named = host if port == 80 else f"{host}:{port}"
    request = _request(visit, location, target, named)
    limit_s = _seconds(location.words("proxy_read_timeout"))
    writer = None
    try:
        async with asyncio.timeout(limit_s):
            reader, writer = await container.connect(*connect_to, limit_s)
            writer.write(request + visit.request.body)
            head = await read_head(reader)
            while head.status < 200:
                head = await read_head(reader)
            body = b""
            async for piece in body_pieces(reader, body_size(head, visit.request.method)):
                body += piece
                if len(body) > _MOST_BYTES:
                    return answers.page(502)
    except (TimeoutError, TimedOut):
        return answers.page(504)
    except (NetworkError, ConnectionError, Closed, CutShort, NotHttp):
        return answers.page(502)
    finally:
        if writer is not None:
            writer.transport.abort()
    kept: Headers = [(_title(k), v) for k, v in head.headers if k not in _DROPPED]
    kind = next((value for name, value in kept if name == "Content-Type"), "")
    more = [pair for pair in kept if pair[0] != "Content-Type"]
    response = answers.say(head.status, body, kind, more)
    response.reason = head.reason
    return response


def _request(visit: Visit, location: Location, target: str, host: str) -> bytes:
    """The request as nginx sends it: HTTP/1.0, with the headers that it was told to set."""
    own = {"host": host, "connection": "close"}
    for words in location.all("proxy_set_header"):
        if len(words) == 2:
            own[words[0].lower()] = visit.text(words[1])
    passed = [
        (name, value)
        for name, value in visit.request.headers
        if name.lower() not in own and name.lower() not in ("keep-alive", "transfer-encoding")
    ]
    if visit.request.body and not visit.request.header("content-length"):
        passed.append(("Content-Length", str(len(visit.request.body))))
    lines = [f"{visit.request.method} {target} HTTP/1.0"]
    lines += [f"{_title(name)}: {value}" for name, value in own.items() if value]
    lines += [f"{name}: {value}" for name, value in passed]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _seconds(words: tuple[str, ...]) -> float:
    found = re.fullmatch(r"(\d{1,6})(ms|s|m)?", words[0] if words else "60s")
    if found is None:
        return 60.0
    return int(found[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}[found[2]]


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
