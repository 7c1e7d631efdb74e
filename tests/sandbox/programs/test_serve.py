"""The small server speaks HTTP/1.1, and refuses what is ambiguous."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.programs.http import Request, Response
from app.sandbox.programs.parse import Malformed, RequestReader
from app.sandbox.programs.serve import Server, serve

pytestmark = pytest.mark.anyio


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


async def _later(request: Request) -> Response:
    await asyncio.sleep(0)
    return Response(200, [], request.body)


def answer(request: Request) -> Response:
    if request.path == "/stream":
        return Response(200, [], _pieces(b"one", b"", b"two"))
    if request.path == "/cut":
        return Response(200, [], b"x", is_cut=True)
    return Response(200, [("X-Path", request.path)], request.body or b"hello")


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[Server]:
    def handler(request: Request):  # type: ignore[no-untyped-def]
        return _later(request) if request.path == "/later" else answer(request)

    server = await serve(path, handler)
    try:
        yield server
    finally:
        await server.close()


async def talk(path: Path, *sent: bytes, answers: int = 1) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    for piece in sent:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    got = b""
    try:
        async with asyncio.timeout(0.5):
            while got.count(b"HTTP/1.1 ") < answers or not got.endswith((b"hello", b"\r\n\r\n")):
                piece = await reader.read(65536)
                if not piece:
                    break
                got += piece
    except TimeoutError:
        pass
    writer.close()
    await writer.wait_closed()
    return got


async def test_a_connection_is_kept_and_requests_are_answered_in_order(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        asked = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
        got = await talk(tmp_path / "s", asked, answers=2)
    assert got.index(b"X-Path: /a") < got.index(b"X-Path: /b")


async def test_a_request_may_come_in_any_pieces(tmp_path: Path) -> None:
    asked = b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    async with served(tmp_path / "s"):
        got = await talk(tmp_path / "s", *(bytes([byte]) for byte in asked))
    assert got.endswith(b"\r\n\r\nhello")


async def test_a_chunked_body_is_put_together(tmp_path: Path) -> None:
    asked = b"POST /later HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    asked += b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
    async with served(tmp_path / "s"):
        got = await talk(tmp_path / "s", asked)
    assert got.endswith(b"Content-Length: 5\r\n\r\nhello")


async def test_a_stream_is_sent_in_chunks(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        got = await talk(tmp_path / "s", b"GET /stream HTTP/1.1\r\n\r\n", answers=1)
    assert got.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


async def test_head_gets_no_body_and_a_cut_answer_ends(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        got = await talk(tmp_path / "s", b"HEAD /a HTTP/1.1\r\n\r\n")
        assert b"hello" not in got
        await talk(tmp_path / "s", b"GET /cut HTTP/1.1\r\n\r\n")


async def test_continue_is_said_to_whoever_waits_for_it(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hello")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()
        await writer.wait_closed()


async def test_the_old_and_those_who_ask_for_it_are_closed(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        for asked in (b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"):
            reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
            writer.write(asked)
            assert (await reader.read()).endswith(b"hello")
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400),
    ],
)
async def test_what_is_malformed_is_refused_and_closed(
    tmp_path: Path, asked: bytes, status: int
) -> None:
    async with served(tmp_path / "s") as server:
        got = await talk(tmp_path / "s", asked)
        assert got.startswith(b"HTTP/1.1 %d " % status)
        assert not server.connections


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), head=st.sampled_from([b"", b"GET / HTTP/1.1\r\n"]))
def test_no_bytes_do_more_than_be_refused(data: bytes, head: bytes) -> None:
    reader = RequestReader()
    reader.feed(head + data)
    with suppress(Malformed):
        while reader.next() is not None:
            pass


async def test_a_socket_that_is_taken_is_not_taken_over(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        with pytest.raises(OSError, match="already in use"):
            await serve(tmp_path / "s", answer)
    server = await serve(tmp_path / "s", answer)  # what a dead one left is in nobody's way
    await server.close()


async def test_the_end_breaks_off_what_is_under_way(tmp_path: Path) -> None:
    async def never(_request: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    server = await serve(tmp_path / "s", never)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    while not any(each.end for each in server.connections):  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.wait_for(server.close(), 1)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
