"""A lab's own side of a room elsewhere: it joins, and tells what its owner does from then on."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from app.bus import Bus
from app.errors import NotAllowed, Refused, Unavailable
from app.progress.model import Attempt
from app.progress.queries import Progress
from app.store.engine import Store
from app.workshop.reporting.outbox import Outbox
from app.workshop.reporting.pinned import Answer, PinnedClient, RoomLink
from app.workshop.reporting.sender import Sender, Sending

CHOICE: Final = "room"  # the name under which the owner's membership is kept
JOIN: Final = "/api/room/join"


@dataclass(frozen=True)
class Membership:
    """The room that the owner's lab reports to. `token` is a secret of that room."""

    url: str
    fingerprint: str
    token: str
    member: str
    room: str
    name: str


@dataclass(frozen=True)
class Report:
    """How it stands: the room's name, the owner's name in it, and how sending goes."""

    room: str
    name: str
    url: str
    sending: Sending


class Client(Protocol):
    """A connection to one room (`pinned.PinnedClient`)."""

    async def post(self, path: str, body: bytes, token: str) -> Answer:
        """Return the room's answer. Raises: Unavailable, NotAllowed."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...


class Reporter:
    """Open it with `async with`: it goes on where an earlier start of the lab has stopped.

    It keeps the Protocol `app.progress.queries.Witness`.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        owner: str,
        clock: Callable[[], datetime],
        connect: Callable[[RoomLink], Client] = PinnedClient,
    ) -> None:
        self._store = store
        self._bus = bus
        self._owner = owner
        self._clock = clock
        self._connect = connect
        self._choices = Progress(store, clock)
        self._membership: Membership | None = None
        self._outbox: Outbox | None = None
        self._sender: Sender | None = None
        self._stack = AsyncExitStack()
        self._last = ("", "")

    async def __aenter__(self) -> Self:
        kept = await self._choices.choice(self._owner, CHOICE)
        if kept:
            await self._begin(Membership(**json.loads(kept)))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    @property
    def report(self) -> Report | None:
        """How it stands; None where the lab is in no room."""
        if self._membership is None or self._sender is None:
            return None
        its = self._membership
        return Report(its.room, its.name, its.url, self._sender.sending)

    async def join(self, link: str, fingerprint: str, name: str, email: str = "") -> None:
        """Join by the link that the instructor projects, which holds the code.

        Raises: Refused (no such link, or the room says no), Unavailable, NotAllowed.
        """
        room = RoomLink.read(link, fingerprint)
        code = parse_qs(urlsplit(link.strip()).query).get("code", [""])[0]
        asked = json.dumps({"code": code, "name": name, "email": email}).encode()
        client = self._connect(room)
        try:
            told = _told(await client.post(JOIN, asked, ""))
        finally:
            await client.close()
        about = told.get("room")
        membership = Membership(
            url=room.url,
            fingerprint=room.fingerprint,
            token=str(told["token"]),
            member=str(told["member"]),
            room=str(about.get("name", "")) if isinstance(about, dict) else "",
            name=name,
        )
        await self._choices.choose(self._owner, CHOICE, json.dumps(asdict(membership)))
        await self._end()
        await self._begin(membership)

    async def leave(self) -> None:
        """Report nothing any more; what was sent stays in the room."""
        await self._choices.choose(self._owner, CHOICE, "")
        await self._end()

    async def opened(self, lesson: str, step: str) -> None:
        """Tell that the owner opened a step; the same one again is no news."""
        if self._outbox is not None and (lesson, step) != self._last:
            self._last = (lesson, step)
            await self._outbox.opened(lesson, step)

    async def saw(
        self, session: AsyncSession, learner: str, attempt: Attempt, *, newly_passed: bool
    ) -> None:
        """Put the owner's attempt beside what waits to be sent."""
        if self._outbox is not None and learner == self._owner:
            await self._outbox.saw(session, learner, attempt, newly_passed=newly_passed)

    async def _begin(self, its: Membership) -> None:
        self._membership, self._last = its, ("", "")
        # A room joined anew numbers its reports anew: the member is part of the link.
        self._outbox = Outbox(self._store, self._bus, f"{its.url}#{its.member}", self._clock)
        client = self._connect(RoomLink(its.url, its.fingerprint))
        self._stack.push_async_callback(client.close)
        sender = Sender(self._outbox, self._bus, client, its.token)
        self._sender = await self._stack.enter_async_context(sender)

    async def _end(self) -> None:
        await self._stack.aclose()
        self._membership = self._outbox = self._sender = None


def _told(answer: Answer) -> dict[str, object]:
    """Return what the room said to a join. Raises: Refused with its words, Unavailable."""
    try:
        said = json.loads(answer.text)
    except ValueError:
        said = {}
    if answer.status == 200 and isinstance(said, dict) and {"token", "member"} <= said.keys():
        return said
    words = str(said.get("error", "")) if isinstance(said, dict) else ""
    hint = str(said.get("hint", "")) if isinstance(said, dict) else ""
    if answer.status >= 500:
        raise Unavailable(words or "The room does not answer as a room does.", hint=hint)
    if answer.status == 403:
        raise NotAllowed(words or "The room lets nobody in.", hint=hint)
    raise Refused(words or "There is no room at this address.", hint=hint)
