"""Connections that one curl keeps for its next requests, and how a new one comes about."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.sandbox.network.errors import NoSuchHost, Refused, TimedOut, Unreachable
from app.sandbox.shell.container import Container
from app.sandbox.shell.curl.failures import CONNECT, RESOLVE, TIMED_OUT, Failure
from app.sandbox.shell.curl.tls import secure
from app.sandbox.shell.curl.urls import Url

CONNECT_S = 134.0  # after so long a kernel gives up on an address that does not answer


@dataclass(eq=False)
class Connection:
    """An open connection; `number` counts those of one curl from 0."""

    key: tuple[str, str, int]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ip: str
    number: int
    is_used: bool = False

    def close(self) -> None:
        """Close it at once."""
        self.writer.transport.abort()


@dataclass
class Wishes:
    """What the command line says of connecting: `pins` are --resolve's, `routes` --connect-to's."""

    connect_s: float = CONNECT_S
    is_insecure: bool = False
    ca: str = ""
    pins: dict[tuple[str, int], str] = field(default_factory=dict)
    routes: Sequence[tuple[str, str, str, str]] = ()


@dataclass
class Timing:
    """When something happened, in seconds since the transfer began; 0: not at all."""

    began: float = field(default_factory=time.perf_counter)
    lookup: float = 0.0
    connect: float = 0.0
    appconnect: float = 0.0
    pretransfer: float = 0.0
    starttransfer: float = 0.0
    total: float = 0.0
    redirect: float = 0.0

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return time.perf_counter() - self.began


class Connections:
    """The connections of one curl."""

    def __init__(self, container: Container, is_old: bool) -> None:
        self._container = container
        self._is_old = is_old
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self.opened = 0

    def reused(self, url: Url) -> Connection | None:
        """Return an idle connection to where a URL is, if it is still open."""
        key = (url.scheme, url.host, url.port)
        for connection in tuple(self._idle):
            if connection.key == key:
                self._idle.remove(connection)
                if not connection.reader.at_eof() and not connection.writer.is_closing():
                    return connection
                self.drop(connection)
        return None

    async def open(
        self, url: Url, wishes: Wishes, timing: Timing, say: Callable[[str], None]
    ) -> Connection:
        """Return a new connection. Raises: Failure."""
        host, port = _routed(url, wishes)
        ip = self._resolve(host, port, wishes)
        timing.lookup = timing.now()
        say(f"  Trying {ip}:{port}...")
        began = time.perf_counter()
        try:
            reader, writer = await self._container.connect(ip, port, wishes.connect_s)
        except (Refused, Unreachable, TimedOut) as error:
            took = int((time.perf_counter() - began) * 1000)
            raise self._unconnected(error, host, port, took) from error
        connection = Connection((url.scheme, url.host, url.port), reader, writer, ip, self.opened)
        self.opened += 1
        self._all.add(connection)
        timing.connect = timing.now()
        if url.scheme == "https":
            await secure(writer, url, is_insecure=wishes.is_insecure, ca=wishes.ca)
            timing.appconnect = timing.now()
        return connection

    def keep(self, connection: Connection) -> None:
        """Keep a connection for the next request."""
        connection.is_used = True
        self._idle.append(connection)

    def drop(self, connection: Connection) -> None:
        """Close a connection."""
        self._all.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._idle.clear()

    def _resolve(self, host: str, port: int, wishes: Wishes) -> str:
        pinned = wishes.pins.get((host, port)) or wishes.pins.get(("*", port))
        if pinned:
            return pinned
        try:
            return self._container.network.resolve(self._container.place, host)[0]
        except NoSuchHost as error:
            raise Failure(RESOLVE, f"Could not resolve host: {host}") from error

    def _unconnected(
        self, error: Refused | Unreachable | TimedOut, host: str, port: int, took_ms: int
    ) -> Failure:
        if isinstance(error, TimedOut):
            if self._is_old:
                why = f"Failed to connect to {host} port {port} after {took_ms} ms"
                return Failure(TIMED_OUT, f"{why}: Timeout was reached")
            return Failure(TIMED_OUT, f"Connection timed out after {took_ms} milliseconds")
        why = "Couldn't connect to server" if self._is_old else "Could not connect to server"
        return Failure(
            CONNECT, f"Failed to connect to {host} port {port} after {took_ms} ms: {why}"
        )


def _routed(url: Url, wishes: Wishes) -> tuple[str, int]:
    """Where --connect-to sends a URL's connections."""
    for host, port, other_host, other_port in wishes.routes:
        if host in ("", url.host) and port in ("", str(url.port)):
            return other_host or url.host, int(other_port or url.port)
    return url.host, url.port
