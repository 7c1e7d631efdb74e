"""A visitor of the site without a browser: signs in, runs commands, checks, reads the stream."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx2

CSRF = re.compile(r'"X-CSRF-Token":"([0-9a-f]+)"')
CHECK = re.compile(
    r'<li class="check is-(?P<mood>\w+)" id="check-(?P<id>[\w-]+)" data-reason="(?P<reason>[\w-]*)"'
    r"(?P<rest>.*?)</li>\s*(?=<li class=\"check |</ul>)",
    re.DOTALL,
)
MESSAGE = re.compile(r'<p class="check-message">(.*?)</p>', re.DOTALL)
HEAD = re.compile(r'<header class="run-head is-(?P<state>[\w-]+)[^"]*" id="head-(?P<id>[\w-]+)"')
READ = re.compile(r'sse-connect="[^"]*\?read=([^"]*)"')
EXIT = re.compile(r"exit (\d+)")
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class SeenCheck:
    """A check as the page shows it. `mood`: open, running, passed, failed, skipped."""

    id: str
    mood: str
    reason: str
    message: str


@dataclass(frozen=True)
class SeenRun:
    """A run that is over, as the page shows it."""

    id: str
    state: str
    code: int | None
    output: str


@dataclass
class Event:
    """One server-sent event."""

    name: str = ""
    data: str = ""
    id: str = ""


@dataclass
class Stream:
    """The stream of one step's page, read event by event."""

    response: httpx2.Response
    events: AsyncIterator[Event] = field(init=False)

    def __post_init__(self) -> None:
        self.events = _events(self.response)

    async def until(self, name: str, pattern: str = "") -> Event:
        """Return the next event of that name whose data holds the pattern."""
        async for event in self.events:
            if event.name == name and re.search(pattern, event.data):
                return event
        raise AssertionError(f"the stream ended before {name}")


class Refused(Exception):
    """The site answered with an error; the text is what it said."""


class Visitor:
    """One signed-in session."""

    def __init__(self, client: httpx2.AsyncClient, origin: str) -> None:
        self._client = client
        self._origin = origin
        self._csrf = ""
        self.welcome = ""  # the page that the sign-in was answered with

    @staticmethod
    @asynccontextmanager
    async def at(address: str) -> "AsyncIterator[Visitor]":
        """Sign in with the printed address, one-time token and all."""
        origin = "/".join(address.split("/")[:3])
        limits = httpx2.Timeout(30, read=300)
        async with httpx2.AsyncClient(base_url=origin, timeout=limits) as client:
            welcome = (await client.get(address)).raise_for_status()
            visitor = Visitor(client, origin)
            visitor.welcome = welcome.text
            await visitor.page("/")
            yield visitor

    async def page(self, path: str) -> str:
        """Return a page's HTML."""
        response = await self._client.get(path)
        if response.status_code >= 400:
            raise Refused(f"{response.status_code}: {_text(response.text)}")
        if found := CSRF.search(html.unescape(response.text)):
            self._csrf = found[1]
        return response.text

    async def post(self, path: str, *, is_htmx: bool = True, **fields: str) -> httpx2.Response:
        """Send a form as a page of the site would."""
        headers = {"Origin": self._origin, "X-CSRF-Token": self._csrf}
        if is_htmx:
            headers["HX-Request"] = "true"
        response = await self._client.post(path, data=fields, headers=headers)
        if response.status_code >= 400:
            raise Refused(f"{response.status_code}: {_text(response.text)}")
        return response

    @asynccontextmanager
    async def stream(
        self, lesson: str, step: str, read: str | None = None
    ) -> AsyncIterator[Stream]:
        """Open the page, and its stream from where the page ends; or from where `read` says."""
        path = f"/live/{lesson}/{step}"
        if read is None:
            found = READ.search(await self.page(f"/lessons/{lesson}/{step}"))
            read = unquote(found[1]) if found else ""
        async with self._client.stream("GET", path, params={"read": read}) as response:
            assert response.status_code == 200, response.status_code
            yield Stream(response)

    async def run(
        self,
        lesson: str,
        step: str,
        *,
        command: str = "",
        line: str = "",
        texts: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> SeenRun:
        """Run a fenced command or a typed line, and return how it ended."""
        act, what = ("run", {"command": command}) if command else ("line", {"line": line})
        files = {f"file:{name}": text for name, text in (texts or {}).items()}
        response = await self.post(
            f"/lessons/{lesson}/{step}/{act}", is_htmx=False, **what, **files
        )
        run = response.headers["location"].rsplit("/", 1)[-1]
        if not wait:
            return SeenRun(run, "running", None, "")
        async with self.stream(lesson, step) as stream:
            ended = await stream.until("run", rf'is-(?!running)[\w-]+[^"]*" id="head-{run}"')
        found = HEAD.search(ended.data)
        assert found
        code = EXIT.search(ended.data)
        output = await self._client.get(f"/runs/{run}/output.txt")
        return SeenRun(run, found["state"], int(code[1]) if code else 0, output.text)

    async def check(self, lesson: str, step: str) -> dict[str, SeenCheck]:
        """Press the check button, and return what the page shows in the end."""
        async with self.stream(lesson, step) as stream:
            await stream.until("step")
            await self.post(f"/lessons/{lesson}/{step}/check")
            seen: dict[str, SeenCheck] = {}
            async for event in stream.events:
                if event.name == "checks":
                    seen |= seen_checks(event.data)
                if event.name == "step" and 'data-by="button"' in event.data:
                    break
            return seen

    async def answer(self, lesson: str, step: str, question: str, choice: str) -> None:
        """Choose an answer."""
        await self.post(f"/lessons/{lesson}/{step}/answer", question=question, choice=choice)

    async def stop(self, run: str) -> None:
        """Press a run's stop button."""
        await self.post(f"/runs/{run}/stop")


def seen_checks(page: str) -> dict[str, SeenCheck]:
    """Return the checks that a fragment or a page shows. Shape: {check id: what is seen}."""
    found = {}
    for match in CHECK.finditer(page):
        message = MESSAGE.search(match["rest"])
        text = _text(message[1]) if message else ""
        found[match["id"]] = SeenCheck(match["id"], match["mood"], match["reason"], text)
    return found


def _text(page: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", page)).split())


async def _events(response: httpx2.Response) -> AsyncIterator[Event]:
    event = Event()
    async for line in response.aiter_lines():
        field_name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if event.name:
                yield event
            event = Event()
        elif field_name == "event":
            event.name = value
        elif field_name == "data":
            event.data += f"{value}\n"
        elif field_name == "id":
            event.id = value
