"""`mesh-dojo serve`: the site, on loopback unless asked otherwise, with one address to open."""

import asyncio
import errno
import ipaddress
import signal
import socket
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import uvicorn
from rich.console import Console
from rich.text import Text

from app.auth.access import Access, read_key
from app.cli.lab import House, open_house
from app.cli.logs import set_up_logs
from app.errors import AppError, Refused, Unavailable
from app.practice.lab import OWNER, Lab
from app.settings import Settings
from app.web.assemble import assemble
from app.web.services import HERE, Outside
from app.web.site import create_site

Announce = Callable[[Settings, House, Access], Awaitable[None]]
SHUTDOWN_S: Final = 1  # for requests under way; streams are ended at once


def serve(host: str, port: int, context: str, *, insecure_http: bool, open_page: bool) -> None:
    """Serve until a signal comes. Raises: Refused, Unavailable, LessonMistake."""
    given = {"host": host, "port": port, "insecure_http": insecure_http}
    settings = Settings().model_copy(update={key: value for key, value in given.items() if value})
    check_exposure(settings)
    set_up_logs(settings.log_level)

    async def announce(settings: Settings, _house: House, access: Access) -> None:
        address = address_of(settings, access.issue(OWNER))
        _announce(address)
        if open_page:
            await asyncio.to_thread(webbrowser.open, address)

    asyncio.run(run_site(settings, context, announce))


def check_exposure(settings: Settings) -> None:
    """Refuse to listen off loopback in plain text, unless that was asked for. Raises: Refused."""
    if settings.tls_certificate or settings.insecure_http or is_loopback(settings.host):
        return
    raise Refused(
        f"{settings.host} is not a loopback address: others could read and use this lab.",
        hint="Give a certificate (MESH_DOJO_TLS_CERTIFICATE and MESH_DOJO_TLS_KEY), or say "
        "--insecure-http if something in front of the lab takes care of that.",
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listen(settings: Settings) -> socket.socket:
    """Return the listening socket. Raises: Unavailable where the port is in use."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        server = socket.create_server((settings.host.strip("[]"), settings.port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                f"Port {settings.port} is in use: by another lab, or by another program.",
                hint=f"Choose another one: mesh-dojo serve --port {settings.port + 1}",
            ) from error
        raise Unavailable(
            f"The lab cannot listen on {settings.host}, port {settings.port}: {error.strerror}.",
            hint="Look at MESH_DOJO_HOST and MESH_DOJO_PORT.",
        ) from error
    # Connections inherit it; without it an answer's body may wait 40 ms for its head's receipt.
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


async def run_site(
    settings: Settings, context: str, announce: Announce, outside: Outside = HERE
) -> None:
    """Serve until a signal comes; `announce` says where, once the socket listens.

    Raises: Unavailable, LessonMistake.
    """
    listener = listen(settings)
    port = listener.getsockname()[1]
    settings = settings.model_copy(update={"port": port})
    with listener:
        async with open_house(settings, context) as house:
            lab = house.lab
            await lab.runs.recover()
            access = Access(read_key(settings.data_dir))
            site = create_site(assemble(lab, access, house.workshop, house.reporter, outside))
            tidying = asyncio.create_task(_tidy(lab))
            await announce(settings, house, access)
            _outlive_signals()
            await uvicorn.Server(_uvicorn(settings, site)).serve(sockets=[listener])
            tidying.cancel()
            await lab.chosen.end_sandbox()


async def _tidy(lab: Lab) -> None:
    """Look after the probes of an earlier lab; where there is no cluster, preflight says so."""
    with suppress(AppError):
        await lab.chosen.tidy_probes()


def _outlive_signals() -> None:
    """Let a signal end the server alone: the lab has runs to end and to record after it.

    The server puts its own handlers in place of these, and raises the signal anew when it is done.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)


def address_of(settings: Settings, token: str) -> str:
    """Return the one address to open; one that means every interface is shown as localhost."""
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    host = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{host}:{settings.port}/login?token={token}"


def _announce(address: str) -> None:
    console = Console(highlight=False)
    console.print("Mesh Dojo is ready. Open this address (it works once):")
    console.print(Text(f"  {address}", style="bold"), soft_wrap=True)
    console.print("Ctrl-C ends it; your progress is kept.")


def _uvicorn(settings: Settings, site: object) -> uvicorn.Config:
    return uvicorn.Config(
        site,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,  # request lines hold the one-time token
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ssl_certfile=_text(settings.tls_certificate),
        ssl_keyfile=_text(settings.tls_key),
    )


def _text(path: Path | None) -> str | None:
    return str(path) if path else None
