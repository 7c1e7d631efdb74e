"""One HTTP/1.1 question over a Unix socket, and small answers."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

LONGEST_HEAD = 64 * 1024
Answerer = Callable[[str, str], Awaitable[tuple[int, str, bytes]]]
"""Method and target → status, content type and body."""
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


async def ask(socket: Path, method: str, target: str) -> tuple[int, bytes]:
    """Return status and body. Raises: OSError, ValueError where the answer is no HTTP."""
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=LONGEST_HEAD)
    try:
        size = "content-length: 0\r\n" if method == "POST" else ""
        head = f"{method} {target} HTTP/1.1\r\nhost: admin\r\n{size}connection: close\r\n\r\n"
        writer.write(head.encode())
        status, headers = await _head(reader)
        if "chunked" in headers.get("transfer-encoding", ""):
            return status, await _chunks(reader)
        length = headers.get("content-length")
        return status, await (reader.read() if length is None else reader.readexactly(int(length)))
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the answer was cut off") from error
    finally:
        writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    return int(lines[0].split()[1]), {key.lower(): value.strip() for key, _, value in pairs}


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return bytes(body)


async def serve(socket: Path, answer: Answerer) -> asyncio.Server:
    """Return a server that answers one question a connection, without bodies of questions."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode("latin-1")
            method, target, _ = line.split(" ")
            status, kind, body = await answer(method, target)
            head = (
                f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\ncontent-type: {kind}\r\n"
                f"content-length: {len(body)}\r\nserver: envoy\r\nconnection: close\r\n\r\n"
            )
            writer.write(head.encode() + (b"" if method == "HEAD" else body))
            await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asks like that, or leaves, gets nothing
        finally:
            writer.close()

    with contextlib.suppress(FileNotFoundError):
        os.unlink(socket)
    return await asyncio.start_unix_server(talk, str(socket), limit=LONGEST_HEAD)
