"""`mesh-dojo workshop`: a room on this machine, with what to project; and what to load ahead."""

import asyncio
import json
import socket
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.text import Text

from app.auth.access import Access
from app.auth.certificate import own_certificate
from app.cli.lab import House
from app.cli.lessons import load_valid_course
from app.cli.logs import set_up_logs
from app.cli.serve import address_of, is_loopback, run_site
from app.cli.status import Status
from app.practice.addons import addon_manifests
from app.practice.lab import OWNER
from app.settings import Settings
from app.web.services import Outside
from app.workshop.images import Preparation, prepare
from app.workshop.model import Plan, Room
from app.workshop.workshop import Workshop

NOWHERE = ("192.0.2.1", 9)  # a documentation address: asked of the routing table, never sent to


@dataclass(frozen=True)
class Asked:
    """What the command line says. `hours` 0: until it is closed; `name` empty: any that is open."""

    plan: Plan
    hours: float = 0.0
    open_page: bool = False


def hold(
    asked: Asked, host: str, port: int, *, insecure_http: bool, settings: Settings | None = None
) -> None:
    """Serve a room until a signal comes. Raises: Refused, NotFound, Unavailable, LessonMistake."""
    given = {"host": host, "port": port, "insecure_http": insecure_http}
    settings = (settings or Settings()).model_copy(
        update={key: value for key, value in given.items() if value}
    )
    settings, fingerprint = secured(settings)
    set_up_logs(settings.log_level)
    outside = Outside(public_address(settings), fingerprint)

    async def announce(settings: Settings, house: House, access: Access) -> None:
        room = await room_for(house.workshop, asked)
        address = f"{address_of(settings, access.issue(OWNER))}&room={room.id}"
        _announce(room, outside, address)
        if asked.open_page:
            await asyncio.to_thread(webbrowser.open, address)

    asyncio.run(run_site(settings, "", announce, outside))


async def room_for(workshop: Workshop, asked: Asked) -> Room:
    """Return the room of that name that is still open, as after a restart; else a new one."""
    now = workshop.clock()
    still_open = [room for room in await workshop.rooms.all() if not room.is_over(now)]
    for room in still_open:
        if not asked.plan.name or room.plan.name == asked.plan.name:
            return room
    ends = datetime.now(UTC) + timedelta(hours=asked.hours) if asked.hours else None
    name = asked.plan.name or "Workshop"
    return await workshop.rooms.create(replace(asked.plan, name=name, ends=ends))


def secured(settings: Settings) -> tuple[Settings, str]:
    """Return the settings of a site that others reach, and the fingerprint of its own certificate.

    On loopback, with a certificate given, or where plain http was asked for, there is none.
    Raises: StoreUnavailable.
    """
    names = [*settings.allowed_hosts, *names_of(settings.host)]
    settings = settings.model_copy(update={"allowed_hosts": tuple(names)})
    is_private = is_loopback(settings.host) or settings.insecure_http
    if is_private or settings.tls_certificate:
        return settings, ""
    made = own_certificate(settings.data_dir, [*names, "localhost", "127.0.0.1"], datetime.now(UTC))
    files = {"tls_certificate": made.file, "tls_key": made.key}
    return settings.model_copy(update=files), made.fingerprint


def names_of(host: str) -> Sequence[str]:
    """Return the names under which others may ask for this machine."""
    if is_loopback(host):
        return ()
    if host not in ("0.0.0.0", "::"):
        return (host,)
    return tuple(dict.fromkeys((lan_address(), socket.gethostname().lower())))


def lan_address() -> str:
    """Return the address by which this machine would reach the network; loopback without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def public_address(settings: Settings) -> str:
    """Return where learners reach the site; empty where the port is not known before it listens."""
    host = lan_address() if settings.host in ("0.0.0.0", "::") else settings.host
    host = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{host}:{settings.port}" if settings.port else ""


def _announce(room: Room, outside: Outside, address: str) -> None:
    console = Console(highlight=False)
    base = outside.address or address.partition("/login")[0]
    console.print(Text(f"The room “{room.plan.name}” is open. Learners join at"))
    console.print(Text(f"  {base}/join?code={room.code}", style="bold"), soft_wrap=True)
    console.print(Text(f"  code {room.code}", style="bold"))
    if outside.fingerprint:
        console.print("Its certificate is this machine's own. SHA-256, to compare in the browser:")
        console.print(Text(f"  {outside.fingerprint}"), soft_wrap=True)
    console.print("Your board (this address works once):")
    console.print(Text(f"  {address}", style="bold"), soft_wrap=True)
    console.print("Ctrl-C ends the site; the room is kept, and goes on when it is started again.")


async def images(lessons: Sequence[str], istio: str, *, as_json: bool) -> Status:
    """Print the images that the lessons need, and the commands that load them ahead."""
    settings = Settings()
    course = load_valid_course(settings)
    found = prepare(course, lessons, istio, addon_manifests(settings.istio_release_dir, None))
    if as_json:
        sys.stdout.write(
            json.dumps(asdict(found) | {"once": found.once, "each": found.each}) + "\n"
        )
    else:
        _show(found)
    return Status.DONE


def _show(found: Preparation) -> None:
    console = Console(highlight=False)
    for image in found.images:
        console.print(Text(f"{image.name}  ({', '.join(image.needed_by)})"), soft_wrap=True)
    for title, lines in (
        ("Once, on a machine with a network:", found.once),
        ("Then on each learner's machine, beside the files:", found.each),
    ):
        console.print(f"\n{title}")
        for line in lines:
            console.print(Text(f"  {line}"), soft_wrap=True)
    for sentence in found.missing:
        console.print(f"\n{sentence}", style="yellow")
