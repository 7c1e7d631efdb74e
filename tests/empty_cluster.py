"""The least that answers as an API server: named objects, watches that stay silent, bad manners.

No Kubernetes is played here: it lists what it was given. It exists so that a real connection can be
cut, frozen and mended under a site that runs.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

Item = Mapping[str, object]


def named(name: str, namespace: str = "", **more: object) -> Item:
    """Return an object that has nothing but its name."""
    metadata = {"name": name, "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z"}
    return {"metadata": {**metadata, **({"namespace": namespace} if namespace else {})}, **more}


class EmptyCluster:
    """Listens on loopback, in plain HTTP where no TLS is given. `objects`: {plural: items}."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.objects: dict[str, Sequence[Item]] = {"namespaces": [named("mesh-demo")]}
        self.asked = 0
        self._tls = tls
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends_in_the_middle = False
        self.is_in_the_middle = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def address(self) -> str:
        """Where it listens, also while it does not."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen, on the port that it had before."""
        self._flows.set()
        self._ends_in_the_middle = False
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self._port, ssl=self._tls
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be gone: nothing listens, and all connections break."""
        server, self._server = self._server, None
        if server:
            server.close()
        self.break_off()

    def freeze(self) -> None:
        """Take requests and answer none, as a paused virtual machine does."""
        self._flows.clear()

    def stop_in_the_middle(self) -> None:
        """Send half of each answer, keep the connection and say nothing more."""
        self._flows.clear()
        self._ends_in_the_middle = True

    def break_off(self) -> None:
        """End all connections, whatever was being said; new ones are taken."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer_one(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = [row for row in head.lower().split("\r\n") if row.startswith("content-length:")]
        await reader.readexactly(int(length[0].split(":")[1]) if length else 0)
        self.asked += 1
        if not self._ends_in_the_middle:
            await self._flows.wait()
        url = urlsplit(head.split(" ")[1])
        if "watch" in parse_qs(url.query):
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            await reader.read()
            return False
        status, body = self._answer(url.path)
        content = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        if self._ends_in_the_middle:
            content = content[: len(content) // 2]
        writer.write(content)
        await writer.drain()
        if self._ends_in_the_middle:
            self.is_in_the_middle.set()
        await self._flows.wait()
        return not self._ends_in_the_middle

    def _answer(self, path: str) -> tuple[int, object]:
        parts = path.strip("/").split("/")
        if path == "/version":
            return 200, {"gitVersion": "v1.35.0"}
        if parts[0] == "apis" and "istio.io" in parts[1]:
            return 404, {"message": "not installed"}
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        parts = parts[2:] if parts[0] == "namespaces" and len(parts) > 2 else parts
        items = self.objects.get(parts[0], [])
        if len(parts) == 1:
            return 200, {"metadata": {"resourceVersion": "1"}, "apiVersion": "v1", "items": items}
        found = [item for item in items if item["metadata"]["name"] == parts[1]]  # type: ignore[index]
        return (200, found[0]) if found else (404, {"message": "not found"})
