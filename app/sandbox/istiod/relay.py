"""The way of what passes through a sidecar unknown: to addresses of this sandbox, or nowhere.

Envoy hands such a connection over with a PROXY protocol v2 header that names where it was going.
Source: https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
"""

import asyncio
import contextlib
import os
import socket
from ipaddress import IPv4Address
from pathlib import Path

from app.sandbox.network.errors import NetworkError
from app.sandbox.network.network import Network
from app.sandbox.network.place import Place

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
CONNECT_S = 10.0  # as long as Istio's clusters wait
CHUNK = 65_536


async def serve(path: Path, network: Network, source: Place) -> asyncio.Server:
    """Return the server of one pod's relay. Raises: OSError."""

    async def relayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            try:
                host, port = await destination(reader)
                far = await network.connect(source, host, port, CONNECT_S, is_captured=False)
            except (NetworkError, OSError, ValueError, asyncio.IncompleteReadError):
                return  # closed without an answer: Envoy says 503
            await _both_ways((reader, writer), far)

    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return await asyncio.start_unix_server(relayed, str(path))


async def destination(reader: asyncio.StreamReader) -> tuple[str, int]:
    """Return the destination of a PROXY v2 header. Raises: ValueError, IncompleteReadError."""
    head = await reader.readexactly(16)
    if head[:12] != SIGNATURE or head[12] != 0x21:
        raise ValueError("no PROXY protocol v2")
    body = await reader.readexactly(int.from_bytes(head[14:16], "big"))
    if head[13] >> 4 != 1 or len(body) < 12:
        raise ValueError("no IPv4 address")
    return str(IPv4Address(body[4:8])), int.from_bytes(body[10:12], "big")


async def _both_ways(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    with contextlib.closing(far[1]):
        copies = [
            asyncio.ensure_future(_copy(near[0], far[1])),
            asyncio.ensure_future(_copy(far[0], near[1])),
        ]
        try:
            await asyncio.wait(copies)
        finally:
            for copy in copies:
                copy.cancel()
            await asyncio.gather(*copies, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        sock = writer.get_extra_info("socket")
        if writer.can_write_eof() and sock.family == socket.AF_UNIX:
            writer.write_eof()
