"""Questions and small answers over a Unix socket."""

import asyncio
from pathlib import Path

import pytest

from app.sandbox.proxy.http1 import ask, serve

pytestmark = pytest.mark.anyio


async def test_what_is_asked_is_answered(tmp_path: Path) -> None:
    async def answer(method: str, target: str) -> tuple[int, str, bytes]:
        return 404, "text/plain", f"{method} {target}".encode()

    server = await serve(tmp_path / "s", answer)
    assert await ask(tmp_path / "s", "GET", "/a?b=c") == (404, b"GET /a?b=c")
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"])
async def test_an_answer_that_is_cut_off_is_an_error(tmp_path: Path, said: bytes) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_unix_server(half, str(tmp_path / "s"))
    with pytest.raises(ConnectionResetError):
        await ask(tmp_path / "s", "GET", "/")
    server.close()
    await server.wait_closed()


async def test_chunks_are_put_together(tmp_path: Path) -> None:
    async def chunked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        writer.close()

    server = await asyncio.start_unix_server(chunked, str(tmp_path / "s"))
    assert await ask(tmp_path / "s", "GET", "/") == (200, b"abcde")
    server.close()
    await server.wait_closed()


async def test_garbage_gets_no_answer(tmp_path: Path) -> None:
    async def answer(method: str, target: str) -> tuple[int, str, bytes]:
        raise AssertionError("nobody asked")

    server = await serve(tmp_path / "s", answer)
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
    writer.write(b"\x00garbage\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    server.close()
    await server.wait_closed()
