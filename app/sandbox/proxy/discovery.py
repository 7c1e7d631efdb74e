"""Envoy's aggregated discovery service for one Envoy: what it has, what it should have.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.sandbox.objects import Obj
from app.sandbox.proxy.http2 import GrpcConnection
from app.sandbox.proxy.protobuf import NotEncodable, block, fields_of, packed

TYPES: Mapping[str, str] = {  # in the order of sending
    "CDS": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    "EDS": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    "LDS": "type.googleapis.com/envoy.config.listener.v3.Listener",
    "SDS": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
    "RDS": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
}
_SHORT = {url: short for short, url in TYPES.items()}
TOLD = ("CDS", "EDS", "LDS", "RDS")  # what the state of a proxy is told of
REFERRING = {"CDS": "EDS", "LDS": "RDS"}  # what has to be sent anew with it


class Resource:
    """One resource: its name, its body in protobuf's JSON shape, and both as bytes.

    Resources that many proxies have in common are made, compared and encoded once.
    """

    __slots__ = ("_encoded", "body", "name")

    def __init__(self, name: str, body: Obj) -> None:
        self.name = name
        self.body = body
        self._encoded = b""

    @property
    def encoded(self) -> bytes:
        """Return the resource as google.protobuf.Any. Raises: NotEncodable."""
        if not self._encoded:
            self._encoded = packed(self.body)
        return self._encoded

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Resource) and self.body == other.body)

    __hash__ = None  # type: ignore[assignment]  # it is compared by its body


@dataclass
class _Subscription:
    """One type: what was asked for, and what became of what was sent."""

    names: frozenset[str] = frozenset()
    is_asked: bool = False
    sent: str = ""
    acknowledged: str = ""
    error: str = ""


@dataclass(frozen=True)
class _Request:
    type_url: str = ""
    names: frozenset[str] = frozenset()
    nonce: str = ""
    error: str = ""

    @classmethod
    def read(cls, data: bytes) -> "_Request":
        names: list[str] = []
        found = {4: "", 5: ""}
        error = ""
        for number, value in fields_of(data):
            if isinstance(value, int):
                continue
            if number == 3:
                names.append(value.decode())
            elif number in found:
                found[number] = value.decode()
            elif number == 6:
                said = [inner for key, inner in fields_of(value) if key == 2]
                error = said[0].decode() if said and isinstance(said[0], bytes) else "rejected"
        return cls(found[4], frozenset(names), found[5], error)


@dataclass
class Discovery:
    """Serves one Envoy on a Unix socket. `want` says what it should have; it gets what changed.

    `on_error` takes type and reason of each refusal.
    """

    path: Path
    on_error: Callable[[str, str], None] = lambda kind, reason: None
    _wanted: dict[str, dict[str, Resource]] = field(default_factory=dict)
    _asked: dict[str, _Subscription] = field(default_factory=dict)
    _due: dict[str, set[str] | None] = field(default_factory=dict)  # None: all of the type
    _connection: GrpcConnection | None = None
    _server: asyncio.Server | None = None
    _count: int = 0

    async def start(self) -> None:
        """Listen. Raises: OSError."""
        self.path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._connected, str(self.path))
        os.chmod(self.path, 0o600)

    async def close(self) -> None:
        """Stop listening and end the connection."""
        if self._connection is not None:
            self._connection.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        self.path.unlink(missing_ok=True)

    @property
    def is_connected(self) -> bool:
        """Whether an Envoy has asked."""
        return self._connection is not None and bool(self._asked)

    def status(self) -> dict[str, str]:
        """Return what became of the last push, by type: SYNCED, STALE, NACKED or NOT SENT."""
        return {short: self._state(short) for short in TOLD}

    def _state(self, short: str) -> str:
        asked = self._asked.get(short, _Subscription())
        if not asked.sent:
            return "NOT SENT"
        if asked.error:
            return "NACKED"
        return "SYNCED" if asked.acknowledged == asked.sent and short not in self._due else "STALE"

    def wanted(self, short: str) -> list[Resource]:
        """Return what the Envoy should have of a type; routes and endpoints as far as it asks."""
        found = self._wanted.get(short, {}).values()
        names = self._asked.get(short, _Subscription()).names
        return [each for each in found if short in REFERRING or each.name in names]

    def want(self, wanted: Mapping[str, Sequence[Resource]]) -> None:
        """Say what the Envoy should have, by type (CDS, EDS, LDS, RDS); sends what is new."""
        for short in TYPES:
            before = self._wanted.get(short, {})
            after = {resource.name: resource for resource in wanted.get(short, ())}
            self._wanted[short] = after
            changed = {name for name, new in after.items() if before.get(name) != new}
            if short in REFERRING:
                if changed or len(after) != len(before):
                    self._due[short] = None
                    self._due[REFERRING[short]] = None
            elif changed and self._due.get(short, changed) is not None:
                self._due[short] = changed | (self._due.get(short) or set())
        self._send()

    def _connected(self) -> GrpcConnection:
        connection = GrpcConnection(self._heard, lambda: self._lost(connection))
        return connection

    def _lost(self, connection: GrpcConnection) -> None:
        if self._connection is connection:
            self._connection = None
            self._asked = {}

    def _heard(self, connection: GrpcConnection, message: bytes) -> None:
        if connection is not self._connection:  # a new Envoy, or the old one that came again
            self._connection = connection
            self._asked, self._due = {}, {}
        try:
            request = _Request.read(message)
        except ValueError:
            return connection.close()
        short = _SHORT.get(request.type_url)
        if short is not None:
            self._asks(short, request)
            self._send()
        return None

    def _asks(self, short: str, request: _Request) -> None:
        asked = self._asked.setdefault(short, _Subscription())
        if request.nonce:
            if request.nonce != asked.sent:
                return  # about an answer that a newer one has replaced
            asked.acknowledged = request.nonce
            asked.error = request.error
            if request.error:
                self.on_error(short, request.error)
        if not asked.is_asked or self._warms(short):
            self._due[short] = None
        elif request.names - asked.names:
            due = self._due.get(short, set())
            self._due[short] = None if due is None else due | (request.names - asked.names)
        asked.is_asked = True
        asked.names = request.names

    def _warms(self, short: str) -> bool:
        """Whether Envoy may wait for endpoints that it had before.

        A cluster that has changed needs them anew, and asks in the words of an acknowledgement;
        until it has them, its own type stays unacknowledged.
        """
        clusters = self._asked.get("CDS", _Subscription())
        return short == "EDS" and clusters.sent != clusters.acknowledged

    def _send(self) -> None:
        """Send what is due.

        Listeners and routes wait until Envoy has acknowledged the clusters, which it does when new
        ones have their endpoints: so no route leads to a cluster that is not there yet.
        """
        for short in TYPES:
            asked = self._asked.get(short)
            if asked is None or self._connection is None:
                continue
            if short in self._due and asked.sent == asked.acknowledged:
                self._answer(short, asked, self._due.pop(short))
            if short == "EDS" and not self._has_clusters():
                return

    def _has_clusters(self) -> bool:
        both = [self._asked.get(short, _Subscription()) for short in ("CDS", "EDS")]
        return all(asked.sent == asked.acknowledged for asked in both)

    def _answer(self, short: str, asked: _Subscription, due: set[str] | None) -> None:
        wanted = self._wanted.get(short, {})
        if short in REFERRING:
            chosen = list(wanted.values())
        else:
            names = asked.names if due is None else due & asked.names
            chosen = [wanted[name] for name in sorted(names) if name in wanted]
            if not chosen:
                return
        try:
            encoded = [resource.encoded for resource in chosen]
        except NotEncodable as error:
            asked.error = str(error)
            self.on_error(short, asked.error)
            return
        self._count += 1
        asked.sent = str(self._count)
        body = block(1, asked.sent.encode())
        body += b"".join(block(2, resource) for resource in encoded)
        body += block(4, TYPES[short].encode()) + block(5, asked.sent.encode())
        assert self._connection is not None
        self._connection.send(body)
