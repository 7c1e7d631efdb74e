"""The network itself: pods join and leave it, and their programs connect through it."""

import asyncio
import os
import random
import socket
from asyncio import StreamReader, StreamWriter
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from itertools import count
from pathlib import Path

from app.sandbox.network.dns import resolve
from app.sandbox.network.endpoints import (
    Frontend,
    behind,
    frontend,
    is_sticky,
    node_frontend,
    service_at,
)
from app.sandbox.network.errors import NoSuchHost, Refused, TimedOut, Unreachable
from app.sandbox.network.folders import Folders
from app.sandbox.network.place import Place
from app.sandbox.network.places import Places
from app.sandbox.network.proxyheader import proxy_header
from app.sandbox.network.unanswered import Unanswered
from app.sandbox.objects import words
from app.sandbox.store.store import Store

NODE_IP = "192.168.49.2"
PODS = IPv4Network("10.244.0.0/24")
FIRST, LAST = 2, 254  # .1 is the bridge
NOWHERE = "240.0.0.1"  # reserved: no kernel connects to it
INBOUND_IP = "127.0.0.6"  # what a sidecar's inbound connections come from
LOOPBACK = IPv4Network("127.0.0.0/8")
NO_ROUTE_S = 3.0  # how long a node asks for an address that no pod has, before it gives up
READ_AHEAD = 2**20  # bytes
EPHEMERAL = (32_768, 60_999)


class Network:
    """Every address and every socket of one sandbox. `close` removes the folder of the sockets.

    Where it has no proxies, sidecars are passed by.
    """

    def __init__(self, store: Store, *, has_proxies: bool = True) -> None:
        self.store = store
        self._has_proxies = has_proxies
        self.places = Places()
        self._folders = Folders()
        self._last = FIRST - 1
        self._callers = count()
        self.telling: set[str] = set()  # sockets of proxies, which want to be told who connects

    @property
    def folder(self) -> Path:
        """The folder that holds every socket of this sandbox."""
        return self._folders.root

    def join(self, namespace: str, pod: str, uid: str, *, is_proxied: bool) -> Place:
        """Return the place of a pod that starts: the next 10.244.0.x, and a folder of its own."""
        folder = self._folders.make()
        place = Place(
            namespace, pod, uid, self._next_ip(), folder, is_proxied and self._has_proxies
        )
        self.places.add(place)
        return place

    def leave(self, uid: str) -> None:
        """Take a pod off the network and remove its folder; nothing happens if it has none."""
        place = self.places.drop(uid)
        if place is not None:
            self._folders.remove(place.folder)

    async def connect(
        self,
        source: Place | None,
        host: str,
        port: int,
        timeout_s: float,
        *,
        is_captured: bool = True,
    ) -> tuple[StreamReader, StreamWriter]:
        """Return a connection from a pod (None: the node itself) to a name or an address.

        A proxied pod's goes through its sidecar, unless it is not captured (a process of the
        sidecar's own user). Raises: NoSuchHost, Refused, Unreachable, TimedOut.
        """
        ip = self.resolve(source, host)[0]
        try:
            async with asyncio.timeout(timeout_s):
                if source is not None and (ip == source.ip or IPv4Address(ip) in LOOPBACK):
                    return await self._open(source, source.program(port), host, port)
                if source is not None and source.is_proxied and is_captured:
                    return await self._through_sidecar(source, host, ip, port)
                door = await self._door(source, host, ip, port)
                reader, writer = await self._open(source, door, host, port)
                self.introduce(writer, door, source.ip if source else str(PODS[1]))
                return reader, writer
        except TimeoutError as error:
            raise TimedOut(host, port) from error

    def introduce(self, writer: StreamWriter, door: Path, ip: str) -> None:
        """Tell who connects, where a proxy that wants to know is behind a door."""
        found = self.places.at(door)
        if found is not None and str(door) in self.telling:
            caller = (ip, random.randint(*EPHEMERAL))
            writer.write(proxy_header(caller, (found[0].ip, found[1])))

    def resolve(self, source: Place | None, host: str) -> list[str]:
        """Return the addresses of a name or an address, at least one. Raises: NoSuchHost."""
        try:
            return [str(IPv4Address(host))]
        except AddressValueError:
            pass
        if host.lower().rstrip(".") == "localhost":
            return ["127.0.0.1"]
        if source is not None and host == source.pod:
            return [source.ip]
        found = resolve(self.store, host, source.namespace if source else "default")
        if not found:
            raise NoSuchHost(host)
        random.shuffle(found)
        return found

    def caller(self, place: Place, peer: str) -> str:
        """Return the address of whoever connected to a place, by its socket's name."""
        if place.is_proxied and not peer:
            return INBOUND_IP
        found = self.places.at(peer) if peer else None
        return found[0].ip if found else str(PODS[1])

    def knows(self, ip: str, port: int) -> bool:
        """Whether an address belongs to this sandbox: a pod's, a Service's, a ServiceEntry's."""
        if self.places.find(ip):
            return True
        service = service_at(self.store, ip)
        if service is not None:
            return frontend(service, port) is not None
        listed = self.store.list("serviceentries.networking.istio.io")
        return any(ip in words(entry, "spec.addresses") for entry in listed)

    def close(self) -> None:
        """Remove the folder of all sockets."""
        self._folders.close()

    def _next_ip(self) -> str:
        for _ in range(FIRST, LAST + 1):
            self._last = self._last + 1 if self._last < LAST else FIRST
            ip = str(PODS[self._last])
            if self.places.find(ip) is None:
                return ip
        raise OSError(f"no address is free in {PODS}")

    async def _through_sidecar(
        self, source: Place, host: str, ip: str, port: int
    ) -> tuple[StreamReader, StreamWriter]:
        make = StreamReader
        if not self.knows(ip, port):  # Envoy must never be asked for an address of the real world
            ip, make = NOWHERE, Unanswered
        reader, writer = await self._open(source, source.outbound, host, port, make)
        writer.write(proxy_header((source.ip, random.randint(*EPHEMERAL)), (ip, port)))
        return reader, writer

    async def _door(self, source: Place | None, host: str, ip: str, port: int) -> Path:
        """The socket that kube-proxy and the pods' bridge would lead to."""
        place = self.places.find(ip)
        if place is not None:
            return place.door(port)
        service = service_at(self.store, ip)
        front = frontend(service, port) if service else None
        if ip == NODE_IP:
            front = node_frontend(self.store, port)
            if front is None:
                raise Refused(host, port)
        if front is None:  # as a node without a way out: nobody answers its questions
            await asyncio.sleep(NO_ROUTE_S)
            raise Unreachable(host, port)
        return self._chosen(source, front, host, port)

    def _chosen(self, source: Place | None, front: Frontend, host: str, port: int) -> Path:
        ready = sorted(behind(self.store, front), key=lambda each: each.ip)
        if not ready:
            raise Refused(host, port)
        sticky = is_sticky(front)
        caller = source.ip if source else NODE_IP
        chosen = ready[int(IPv4Address(caller)) % len(ready)] if sticky else random.choice(ready)
        place = self.places.find(chosen.ip)
        if place is None:
            raise Refused(host, port)
        return place.door(chosen.port)

    async def _open(
        self,
        source: Place | None,
        path: Path,
        host: str,
        port: int,
        make: type[StreamReader] = StreamReader,
    ) -> tuple[StreamReader, StreamWriter]:
        """Connect from a socket with a name, by which the other side knows whose it is."""
        name = str((source.folder if source else self.folder) / f"c{next(self._callers)}")
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.setblocking(False)
            sock.bind(name)
            try:
                await asyncio.get_running_loop().sock_connect(sock, str(path))
            finally:
                os.unlink(name)  # the other side still sees the name
            return await _streams(sock, make(READ_AHEAD))
        except OSError as error:
            sock.close()
            raise Refused(host, port) from error
        except BaseException:
            sock.close()
            raise


async def _streams(sock: socket.socket, reader: StreamReader) -> tuple[StreamReader, StreamWriter]:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.create_unix_connection(lambda: protocol, sock=sock)
    return reader, StreamWriter(transport, protocol, reader, loop)
