"""One exec of one curl that asks many times from a probe and is read line by line.

curl repeats a request through a URL range and goes on to the next one after `--next`, so requests
and looks at the proxy's
counters alternate inside one process, over connections that stay open.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.checks.proxy import ADMIN, Counters, counted
from app.clusters.cluster import Cluster, PodRef

_ANSWER = "dojo-answer"
_COUNTERS = "dojo-counters"

CURL_EXITS: Mapping[int, str] = {
    5: "dns",
    6: "dns",
    7: "refused",
    28: "timeout",
    35: "tls",
    52: "reset",
    56: "reset",
    58: "tls",
    60: "tls",
}


@dataclass(frozen=True)
class Reply:
    """One answer, or none. `exit` is curl's status: 0 where there was an answer. Units: seconds."""

    status: int
    exit: int
    seconds: float
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether something answered, and not with a server's error."""
        return self.exit == 0 and 0 < self.status < 500

    @property
    def trouble(self) -> str:
        """Why there was no answer: dns, refused, reset, tls, timeout; empty where there was one."""
        return CURL_EXITS.get(self.exit, "reset") if self.exit else ""

    def told(self) -> str:
        """Return what was seen, for a message."""
        return f"curl exit status {self.exit}" if self.exit else f"status {self.status}"


@dataclass(frozen=True)
class Look:
    """A look at the proxy's counters for each endpoint, taken between requests."""

    counters: Counters


@dataclass(frozen=True)
class End:
    """The program ended. `code` is None where its time ran out."""

    code: int | None


def requests(
    url: str, count: int = 1, *, max_time_s: float = 5, headers: Mapping[str, str] | None = None
) -> list[str]:
    """Return curl's arguments for the same request `count` times, one line each."""
    mark = "&" if "?" in url else "?"
    asked = url if count == 1 else f"{url}{mark}dojo=[1-{count}]"
    line = f"{_ANSWER} %{{http_code}} %{{exitcode}} %{{time_total}}\\n"
    return [*_options(line, max_time_s, headers), "-o", "/dev/null", asked]


def look(host: str) -> list[str]:
    """Return curl's arguments for a look at the counters of a host, by its full name."""
    return [*_options(f"{_COUNTERS}\\n", 5, None), f"{ADMIN}/clusters?filter={host}"]


def looks(host: str, count: int, *, each_s: int) -> list[str]:
    """Return curl's arguments for `count` looks, one each `each_s` seconds."""
    arguments = _options(f"{_COUNTERS}\\n", 5, None)
    address = f"{ADMIN}/clusters?filter={host}&dojo=[1-{count}]"
    return [*arguments, "--rate", f"{60 // each_s}/m", address]


def curl(*parts: Sequence[str]) -> list[str]:
    """Return one command line of all parts, in order."""
    argv = ["curl"]
    for number, part in enumerate(parts):
        argv += ["--next"] * (number > 0) + list(part)
    return argv


def _options(line: str, max_time_s: float, headers: Mapping[str, str] | None) -> list[str]:
    named = [word for name, text in (headers or {}).items() for word in ("-H", f"{name}: {text}")]
    return ["-s", "--max-time", f"{max_time_s:g}", "-w", line, *named]


@asynccontextmanager
async def asking(
    cluster: Cluster, pod: PodRef, argv: Sequence[str], *, timeout_s: float
) -> AsyncIterator[AsyncIterator[Reply | Look | End]]:
    """Open the stream of what comes back; leaving the block ends the program."""
    lines = cluster.ask(pod, argv, timeout_s=timeout_s)
    try:
        yield _read(lines)
    finally:
        if isinstance(lines, AsyncGenerator):
            await lines.aclose()


async def _read(lines: AsyncIterator[str]) -> AsyncIterator[Reply | Look | End]:
    page: list[str] = []
    async for line in lines:
        if line.startswith("\x00exit "):
            code = line.removeprefix("\x00exit ")
            yield End(int(code) if code.isdigit() else None)
        elif line.startswith(_ANSWER):
            yield _reply(line)
        elif line.startswith(_COUNTERS):
            yield Look(counted(page))
            page = []
        else:
            page.append(line)


def _reply(line: str) -> Reply:
    _mark, status, code, seconds = line.split()
    return Reply(int(status), int(code), float(seconds.replace(",", ".")))


async def ask_once(
    cluster: Cluster,
    pod: PodRef,
    url: str,
    *,
    max_time_s: float = 5,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return one whole answer, body and headers too. Shape: header names in lower case."""
    line = f"\\n{_ANSWER} %{{http_code}} %{{exitcode}} %{{time_total}}\\n"
    argv = ["curl", *_options(line, max_time_s, headers), "-g", "-i", url]
    output = await cluster.exec(pod, argv, timeout_s=max_time_s + 5)
    text, _mark, tail = output.stdout.rpartition(f"\n{_ANSWER} ")
    if not tail:
        return Reply(0, output.code or 28, max_time_s)
    reply = _reply(f"{_ANSWER} {tail}")
    head, body = _apart(text)
    return Reply(reply.status, reply.exit, reply.seconds, body, head)


def _apart(text: str) -> tuple[dict[str, str], str]:
    head, _gap, body = text.replace("\r\n", "\n").partition("\n\n")
    while head.startswith("HTTP/") and head.split(" ", 2)[1:2] == ["100"]:
        head, _gap, body = body.partition("\n\n")
    pairs = (line.partition(":") for line in head.splitlines()[1:])
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}, body
