"""What istiod tells of itself and its proxies: by HTTP, and by its own types of discovery.

The real istioctl asks it through a port-forward: `version` asks /version and /debug/syncz on the
monitoring port, `proxy-status` asks for istio.io/debug/syncz on the discovery port, and for
istio.io/debug/config_dump of one proxy. Whoever may forward a port has shown a token already: the
one that istioctl sends is not looked at.
Sources: Istio's docs on `istioctl proxy-status`; Envoy's envoy/service/status/v3/csds.proto.
"""

import asyncio
import json
import ssl
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.sandbox.istiod.identities import Identity
from app.sandbox.istiod.installation.marks import VERSION
from app.sandbox.istiod.pushed import parts
from app.sandbox.objects import Obj
from app.sandbox.proxy.discovery import TYPES
from app.sandbox.proxy.frames import END_HEADERS, END_STREAM, HEADERS
from app.sandbox.proxy.http2 import GrpcConnection
from app.sandbox.proxy.protobuf import NotEncodable, block, fields_of, message, varint

SYNCZ: Final = "istio.io/debug/syncz"
PAGES: Final = "istio.io/debug"  # of a page by HTTP, or `list` for their names
CONFIG_DUMP: Final = "istio.io/debug/config_dump"
CLIENT: Final = b"type.googleapis.com/envoy.service.status.v3.ClientConfig"
STATES: Final = {"SYNCED": 1, "NOT SENT": 2, "STALE": 3, "NACKED": 4}
NONCE: Final = b"synchronization"
REASON: Final = b"the sandbox's istiod tells by this way of debug types alone"
UNIMPLEMENTED: Final = (  # headers, each not indexed: name and value with their lengths before
    b"\0\x0bgrpc-status\x0212" + b"\0\x0cgrpc-message" + bytes([len(REASON)]) + REASON
)
BUILT: Final = f"{VERSION}-sandbox-Clean"  # version, revision, and whether it was changed


@dataclass(frozen=True)
class Proxy:
    """One connected proxy. `types` that it has (CDS, EDS, LDS, RDS) → SYNCED, STALE or NACKED.

    `pushed` gives what it should have, in the shape of its Envoy's own dump.
    """

    pod: str
    namespace: str
    istiod: str
    types: Mapping[str, str]
    cluster: str = "Kubernetes"
    version: str = VERSION
    kind: str = "sidecar"  # or router
    pushed: Callable[[], Obj] = dict


Connected = Callable[[], Sequence[Proxy]]


def answer(target: str, connected: Connected) -> tuple[int, str, bytes]:
    """Return status, content type and body of a question by HTTP."""
    path = "/" + target.partition("?")[0].lstrip("/")
    if path == "/ready":
        return 200, "text/plain", b""
    if path == "/version":
        return 200, "text/plain", BUILT.encode()
    if path == "/debug/clusterz":
        one = {"id": "Kubernetes", "secretName": "", "syncStatus": "synced"}
        return 200, "application/json", json.dumps([one]).encode()
    if path == "/debug/syncz":
        told = [_status(proxy) for proxy in sorted(connected(), key=_id)]
        return 200, "application/json", json.dumps(told, indent=2).encode()
    return 404, "text/plain", b"404 page not found\n"


def _id(proxy: Proxy) -> str:
    return f"{proxy.pod}.{proxy.namespace}"


def _status(proxy: Proxy) -> Obj:
    return {
        "cluster_id": proxy.cluster,
        "proxy": _id(proxy),
        "proxy_type": proxy.kind,
        "istio_version": proxy.version,
        "resources": {TYPES[kind]: {} for kind in sorted(proxy.types, key=TYPES.__getitem__)},
    }


def synchronization(proxies: Sequence[Proxy], istiod: str) -> bytes:
    """Return the DiscoveryResponse that tells how far each proxy is."""
    told = (block(1, CLIENT) + block(2, _client(proxy)) for proxy in sorted(proxies, key=_id))
    return _response(SYNCZ, told, istiod)


def configuration(proxies: Sequence[Proxy], name: str, istiod: str) -> bytes:
    """Return the DiscoveryResponse that tells what a proxy should have; empty of one unknown."""
    found = next((proxy for proxy in proxies if _id(proxy) == name), None)
    return _response(CONFIG_DUMP, parts(found.pushed()) if found else (), istiod)


def page(name: str, connected: Connected, istiod: str) -> bytes:
    """Return the DiscoveryResponse that holds a debug page, as `x internal-debug` asks for it."""
    body = json.dumps(["clusterz", "syncz"]).encode()
    if name != "list":
        body = answer(f"/debug/{name}", connected)[2]
    return _response(PAGES, [block(1, PAGES.encode()) + block(2, body)], istiod)


def _response(kind: str, resources: Iterable[bytes], istiod: str) -> bytes:
    named = {"Component": "istiod", "ID": istiod, "Info": {"version": VERSION}}
    who = json.dumps(named, separators=(",", ":")).encode()
    told = b"".join(block(2, each) for each in resources)
    return told + block(4, kind.encode()) + block(5, NONCE) + block(6, block(1, who))


def _client(proxy: Proxy) -> bytes:
    metadata: Obj = {
        "CLUSTER_ID": proxy.cluster,
        "ISTIO_VERSION": proxy.version,
        "NAMESPACE": proxy.namespace,
    }
    said = block(1, _id(proxy).encode()) + block(3, message("google.protobuf.Struct", metadata))
    kinds = sorted(proxy.types, key=TYPES.__getitem__)
    return block(1, said) + b"".join(
        block(3, block(1, TYPES[kind].encode()) + b"\x30" + varint(STATES[proxy.types[kind]]))
        for kind in kinds
    )


class DebugService:
    """Discovery by gRPC over TLS, of istiod's own debug types alone."""

    def __init__(self, istiod: str, connected: Connected) -> None:
        self._istiod = istiod
        self._connected = connected
        self._open: set[GrpcConnection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, socket: Path, identity: Identity) -> None:
        """Listen on a Unix socket with a certificate. Raises: OSError, ssl.SSLError."""
        self._server = await asyncio.get_running_loop().create_unix_server(
            self._connection, str(socket), ssl=_context(identity)
        )

    async def close(self) -> None:
        """Close the socket and every connection."""
        for connection in tuple(self._open):
            connection.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _connection(self) -> GrpcConnection:
        def ended() -> None:
            self._open.discard(made)

        made = GrpcConnection(self._heard, ended)
        self._open.add(made)
        return made

    def _heard(self, connection: GrpcConnection, asked: bytes) -> None:
        try:
            said = dict(fields_of(asked))
        except ValueError:
            return connection.close()
        if said.get(5) == NONCE:  # an acknowledgement: istioctl gives every question a nonce
            return None
        kind, name = said.get(4), said.get(3, b"")
        if kind == SYNCZ.encode():
            return connection.send(synchronization(self._connected(), self._istiod))
        if kind == PAGES.encode() and isinstance(name, bytes):
            asked_page = name.decode(errors="replace")
            return connection.send(page(asked_page, self._connected, self._istiod))
        if kind == CONFIG_DUMP.encode() and isinstance(name, bytes):
            proxy = name.decode(errors="replace")
            try:
                return connection.send(configuration(self._connected(), proxy, self._istiod))
            except NotEncodable:  # its Envoy was not given it, either
                return connection.close()
        connection.frame(HEADERS, END_HEADERS | END_STREAM, 1, UNIMPLEMENTED)
        return connection.close()


def _context(identity: Identity) -> ssl.SSLContext:
    """Return a server's TLS; Python reads certificates from files alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # of mode 0600
        file.write(identity.certificate + identity.key)
        file.flush()
        context.load_cert_chain(file.name)
    return context
