"""One running proxy: its Envoy, its discovery, and the agent that answers beside it."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Literal

from app.sandbox.istiod.agent_log import agent_line, beginning, readiness
from app.sandbox.istiod.envoy.logs import RECORDS
from app.sandbox.istiod.envoy.proxies import RELAY, Proxy
from app.sandbox.istiod.node import node
from app.sandbox.istiod.pushed import pushed
from app.sandbox.istiod.relay import serve as serve_relay
from app.sandbox.network.errors import NetworkError
from app.sandbox.network.place import Place
from app.sandbox.objects import Obj, at, items, number, table, text
from app.sandbox.proxy import http1
from app.sandbox.proxy.bootstrap import bootstrap
from app.sandbox.proxy.discovery import Discovery, Resource
from app.sandbox.proxy.display import line, shown
from app.sandbox.proxy.envoy import Envoy
from app.sandbox.shell.container import Container

ADMIN, AGENT, STATUS, STATISTICS = 15000, 15020, 15021, 15090
RECORDS_SIZE = 4 << 20  # bytes of records that nobody reads; then they begin anew
RECORDS_LOOK_S = 5.0
WAKE_S = 10.0
NOWHERE = Path("/nonexistent")
_OWN = {  # sockets of the proxy itself, by what Istio's stand for
    "out": ("0.0.0.0", 15001),
    "admin": ("127.0.0.1", ADMIN),
    "a15020": ("127.0.0.1", AGENT),
    "s15021": ("0.0.0.0", STATUS),
    "s15090": ("0.0.0.0", STATISTICS),
}
SECRETS = "dynamic_active_secrets"


class Running:
    """A proxy from its container's start to its end.

    A gateway that has nothing to listen on sleeps: its Envoy starts when it is first needed.
    Without a `binary` every proxy sleeps for ever, and traffic goes past it.
    """

    def __init__(
        self, proxy: Proxy, container: Container, binary: Path | None, secrets: list[Obj]
    ) -> None:
        self.proxy = proxy
        self.place: Place = container.place
        self.discovery = Discovery(self.place.folder / "ads", self._refused)
        boot = bootstrap(self.place.folder, node(proxy, self.place.ip), secrets)
        self.envoy = Envoy(binary or NOWHERE, self.place.folder, boot, self._line)
        self._is_plain = binary is None
        self._container = container
        self._servers: list[asyncio.Server] = []
        self._probes = _probes(container.env)
        self._needed = asyncio.Event()
        self._telling: set[str] = set()  # its sockets that want to be told who connects
        self._began: float | None = None  # until its readiness has been told
        self.is_stale = False  # the last push for it could not be made
        if not proxy.is_gateway and not self._is_plain:
            self._needed.set()

    @property
    def is_asleep(self) -> bool:
        """Whether its Envoy has not been needed yet."""
        return not self._needed.is_set()

    def want(self, wanted: Mapping[str, Sequence[Resource]]) -> None:
        """Say what it should have, by type; a gateway that shall listen wakes up."""
        network = self._container.network
        network.telling -= self._telling
        self._telling = _telling(wanted.get("LDS", ()))
        network.telling |= self._telling
        self.discovery.want(wanted)
        if wanted.get("LDS") and not self._is_plain:
            self._needed.set()

    def status(self) -> Mapping[str, str] | None:
        """Return what became of the last push, by type; None where no Envoy has asked yet."""
        if self.is_asleep:
            return {"CDS": "SYNCED", "EDS": "SYNCED", "LDS": "SYNCED", "RDS": "NOT SENT"}
        if not self.discovery.is_connected:
            return None
        told = self.discovery.status()
        if self.is_stale:
            return {kind: "STALE" if said == "SYNCED" else said for kind, said in told.items()}
        return told

    def pushed(self) -> Obj:
        """Return what it should have, in the shape of its Envoy's own dump."""
        return pushed(self.discovery, self._resolve)

    async def run(self) -> int:
        """Run until the container shall stop, or Envoy ends. Return Envoy's exit code."""
        stopping = asyncio.ensure_future(self._container.stopping.wait())
        bounding = asyncio.ensure_future(self._bound())
        self._began = time.monotonic()
        self._tell(beginning(self.proxy, self.place.ip))
        try:
            await self.discovery.start()
            await self._serve()
            await _first(self._needed.wait(), stopping)
            if stopping.done():
                return 0
            await self.envoy.start()
            await _first(self.envoy.wait(), stopping)
            return await self.envoy.stop()
        finally:
            stopping.cancel()
            bounding.cancel()
            await self.close()

    async def close(self) -> None:
        """End Envoy and close every socket."""
        self._container.network.telling -= self._telling
        if self.envoy.pid is not None:
            await self.envoy.stop(2.0)
        for server in self._servers:
            server.close()
        await asyncio.gather(*(server.wait_closed() for server in self._servers))
        self._servers = []
        await self.discovery.close()

    async def admin(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Return status and body of the admin interface, with addresses in place of sockets.

        Raises: ConnectionError where Envoy does not run; TimeoutError.
        """
        if self.is_asleep:
            await self._wake()
        asked = "/" + path.lstrip("/")  # the real istioctl asks for //config_dump
        if "mask=" in asked:  # secrets are static here, and shown as Istio's are
            asked = asked.replace(SECRETS, f"{SECRETS},static_secrets")
        status, body = await self.envoy.admin(asked, method)
        return status, shown(asked, body, self._resolve)

    async def _wake(self) -> None:
        """Start a sleeping gateway's Envoy; return when it can be asked.

        Raises: TimeoutError; ConnectionError where there is no Envoy.
        """
        if self._is_plain:
            raise ConnectionError("this sandbox has no Envoy")
        self._needed.set()
        async with asyncio.timeout(WAKE_S):
            while not await self.envoy.is_ready():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)

    def _resolve(self, path: str) -> tuple[str, int] | None:
        folder, _, name = path.rpartition("/")
        if folder == str(self.place.folder) and name in _OWN:
            return _OWN[name]
        found = self._container.network.places.at(path)
        if found is None or not found[1]:
            return None
        is_own_door = found[0] is self.place and path.rpartition("/")[2].startswith("a")
        if is_own_door and self.proxy.is_gateway:
            return "0.0.0.0", found[1]
        return found[0].ip, found[1]

    def _line(self, said: str) -> None:
        self._container.log(line(said, self._resolve))

    def _tell(self, lines: Sequence[str]) -> None:
        for each in lines:
            self._container.log(each)

    def _refused(self, kind: str, reason: str) -> None:
        told = f"envoy config\tgRPC config for {kind} rejected: {reason}"
        self._tell([agent_line(told, "warning")])

    async def _serve(self) -> None:
        """Listen on the agent's ports, which the mesh does not capture."""
        answers = {
            ADMIN: self._admin,
            AGENT: self._agent,
            STATUS: self._agent,
            STATISTICS: self._statistics,
        }
        for port, answer in answers.items():
            doors = {self.place.program(port)}
            if port != ADMIN:
                doors.add(self.place.door(port))
            for door in doors:
                self._servers.append(await http1.serve(door, answer))
        if not self.proxy.is_gateway:
            relay = self.place.folder / RELAY
            self._servers.append(await serve_relay(relay, self._container.network, self.place))

    async def _admin(self, method: str, target: str) -> tuple[int, str, bytes]:
        try:
            status, body = await self.admin(target, method)
        except (OSError, TimeoutError):
            return 503, "text/plain", b"no healthy upstream"
        is_json = body[:1] in (b"{", b"[")
        return status, "application/json" if is_json else "text/plain; charset=UTF-8", body

    async def _statistics(self, method: str, target: str) -> tuple[int, str, bytes]:
        return await self._admin("GET", "/stats/prometheus")

    async def _agent(self, method: str, target: str) -> tuple[int, str, bytes]:
        if target == "/healthz/ready":
            is_ready = self.is_asleep or (
                self.discovery.is_connected and await self.envoy.is_ready()
            )
            if is_ready and self._began is not None:
                self._tell(readiness(time.monotonic() - self._began))
                self._began = None
            said = b"" if is_ready else b"Envoy proxy is NOT ready"
            return 200 if is_ready else 503, "text/plain", said
        if target == "/stats/prometheus":
            return await self._statistics(method, target)
        if target in self._probes:
            status = await self._ask_program(table(self._probes, target))
            return status, "text/plain", b""
        return 404, "text/plain", b"404 page not found\n"

    async def _ask_program(self, probe: Obj) -> int:
        """Return the status of a probe of the program: its own answer's, 500 where none came."""
        limit_s = float(number(probe, "timeoutSeconds", 1))
        http = table(probe, "httpGet")
        port = number(http or table(probe, "tcpSocket") or table(probe, "grpc"), "port")
        try:
            async with asyncio.timeout(limit_s):
                if http:
                    path = text(http, "path") or "/"
                    return (await http1.ask(self.place.program(port), "GET", path))[0]
                _, writer = await asyncio.open_unix_connection(str(self.place.program(port)))
                writer.close()
                return 200
        except (OSError, ValueError, NetworkError, asyncio.IncompleteReadError):
            return 500

    async def _bound(self) -> None:
        """Begin the records anew when nobody has taken them away for long."""
        records = self.place.folder / RECORDS
        while True:
            await asyncio.sleep(RECORDS_LOOK_S)
            with contextlib.suppress(OSError):
                if os.stat(records).st_size > RECORDS_SIZE:
                    os.truncate(records, 0)


def _telling(listeners: Sequence[Resource]) -> set[str]:
    """Return the sockets on which a PROXY protocol header is read, if one comes."""
    return {
        text(each.body, "address.pipe.path")
        for each in listeners
        for inspector in items(each.body, "listener_filters")
        if at(inspector, "typed_config.allow_requests_without_proxy_protocol") is True
    }


def _probes(env: Mapping[str, str]) -> Obj:
    try:
        read = json.loads(env.get("ISTIO_KUBE_APP_PROBERS", "{}"))
    except ValueError:
        return {}
    return {key: each for key, each in read.items() if at(each, "timeoutSeconds") is not None}


async def _first(
    wait: Coroutine[object, object, object], other: "asyncio.Task[Literal[True]]"
) -> None:
    """Return when either has come; what is awaited is cancelled where the other came first."""
    task = asyncio.ensure_future(wait)
    try:
        await asyncio.wait((task, other), return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()
