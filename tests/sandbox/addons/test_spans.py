"""Spans are read from what carries them, and the newest traces are kept."""

import asyncio
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.addons.spans import otlp, zipkin
from app.sandbox.addons.spans.grpc import GrpcServer
from app.sandbox.addons.spans.kept import MOST_OF_ALL, MOST_TRACES, Spans
from app.sandbox.addons.spans.span import Span
from app.sandbox.proxy.frames import PREFACE
from app.sandbox.proxy.protobuf import block, varint


def text(value: str) -> bytes:
    return block(1, value.encode())


def attribute(key: str, value: bytes) -> bytes:
    return block(1, key.encode()) + block(2, value)


def whole(service: str, *spans: bytes) -> bytes:
    """Return an ExportTraceServiceRequest."""
    resource = block(1, attribute("service.name", text(service)))
    scope = b"".join(block(2, span) for span in spans)
    return block(1, block(1, resource) + block(2, scope))


def fixed(number: int, value: int) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<Q", value)


SERVER = (
    block(1, bytes.fromhex("0af7651916cd43dd8448eb211c80319c"))
    + block(2, bytes.fromhex("b7ad6b7169203331"))
    + block(4, bytes.fromhex("00f067aa0ba902b7"))
    + block(5, b"web:80/*")
    + varint(6 << 3) + varint(2)
    + fixed(7, 1_700_000_000_000_000_000)
    + fixed(8, 1_700_000_000_002_500_000)
    + block(9, attribute("http.status_code", text("503")))
    + block(9, attribute("tries", varint(3 << 3) + varint(3)))
    + block(9, attribute("sampled", varint(2 << 3) + varint(1)))
    + block(9, attribute("share", varint(4 << 3 | 1) + struct.pack("<d", 0.5)))
    + block(15, varint(3 << 3) + varint(2))
)  # fmt: skip


def test_a_span_of_otlp_is_read_whole() -> None:
    (span,) = otlp.spans(whole("web.mesh-demo", SERVER))
    assert (span.trace, span.id) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert (span.parent, span.service, span.name) == (
        "00f067aa0ba902b7",
        "web.mesh-demo",
        "web:80/*",
    )
    assert (span.kind, span.is_error) == ("server", True)
    assert span.start == pytest.approx(1_700_000_000)
    assert span.duration_s == pytest.approx(0.0025)
    assert span.tags == {
        "http.status_code": "503",
        "tries": "3",
        "sampled": "true",
        "share": "0.5",
    }


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_message_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match=r"beyond|without an end"):
        otlp.spans(whole("web", SERVER)[:-cut])


def test_a_span_of_zipkin_is_read() -> None:
    (span,) = zipkin.spans(
        b'[{"traceId": "a1", "id": "b2", "parentId": "c3", "name": "get", "kind": "CLIENT",'
        b' "timestamp": 1700000000000000, "duration": 2500,'
        b' "localEndpoint": {"serviceName": "web"}, "tags": {"error": "no"}}]'
    )
    assert (span.trace, span.id, span.parent, span.kind) == ("a1", "b2", "c3", "client")
    assert (span.duration_s, span.is_error) == (pytest.approx(0.0025), True)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"id": "a"}]', b"[" * 100_000, b"\xff"])
def test_what_is_no_list_of_spans_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        zipkin.spans(body)


def span(trace: str, number: int, service: str = "web", start: float = 0.0) -> Span:
    return Span(trace, f"{number:x}", "", service, "op", "", start, 0.1)


def test_the_oldest_traces_give_way() -> None:
    kept = Spans()
    kept.add(span(f"{number:x}", 1) for number in range(MOST_TRACES + 5))
    assert kept.trace("4") is None
    assert kept.trace("5") is not None


def test_long_traces_do_not_fill_the_memory() -> None:
    kept = Spans()
    for trace in range(30):
        kept.add(span(f"{trace:x}", number) for number in range(600))
    found = [kept.trace(f"{trace:x}") for trace in range(30)]
    assert sum(len(trace.spans) for trace in found if trace) <= MOST_OF_ALL


def test_a_search_gives_the_newest_traces_of_a_service() -> None:
    kept = Spans()
    kept.add([span("a", 1, start=1), span("b", 1, "other", start=2), span("c", 1, start=3)])
    kept.add([Span("c", "2", "1", "deep", "op", "", 3.05, 0.5, is_error=True)])
    assert [trace.id for trace in kept.search("web")] == ["c", "a"]
    assert [trace.id for trace in kept.search("", only_errors=True)] == ["c"]
    assert [trace.id for trace in kept.search("", least_s=0.3)] == ["c"]
    assert [trace.id for trace in kept.search("", since=1.5, limit=1)] == ["c"]
    assert kept.services() == ["deep", "other", "web"]
    found = kept.trace("c")
    assert found is not None
    assert (found.root.service, found.errors) == ("web", 1)
    assert found.duration_s == pytest.approx(0.55)


@given(st.binary(max_size=80))
def test_whatever_is_sent_as_a_span_is_read_or_refused(body: bytes) -> None:
    for sent in (body, block(1, block(2, block(2, body))), block(1, block(1, body))):
        with suppress(ValueError):
            otlp.spans(sent)
    with suppress(ValueError):
        zipkin.spans(body)


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return len(body).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + body


async def answered(folder: Path, sent: bytes, heard: list[bytes]) -> bytes:
    """Return all that a server says until it has answered the stream, or closed."""

    def hear(message: bytes) -> None:
        if message == b"bad":
            raise ValueError("bad")
        heard.append(message)

    server = GrpcServer(folder / "s", hear)
    await server.start()
    try:
        reader, writer = await asyncio.open_unix_connection(folder / "s")
        writer.write(sent)
        said = b""
        async with asyncio.timeout(2):
            while b"grpc-status" not in said and (piece := await reader.read(4096)):
                said += piece
        writer.close()
        return said
    finally:
        await server.close()


async def test_each_call_of_a_connection_is_heard_and_answered(tmp_path: Path) -> None:
    heard: list[bytes] = []
    call = b"\0" + (5).to_bytes(4, "big") + b"hello"
    sent = PREFACE + frame(4, 0, 0) + frame(1, 4, 1, b"\x83") + frame(0, 0, 1, call[:3])
    sent += frame(1, 4, 3, b"\x83") + frame(0, 1, 3, call) + frame(0, 1, 1, call[3:])
    said = await answered(tmp_path, sent, heard)
    assert heard == [b"hello", b"hello"]
    assert b"\x0bgrpc-status\x010" in said


async def test_a_message_that_cannot_be_read_is_answered_with_a_status(tmp_path: Path) -> None:
    call = b"\0" + (3).to_bytes(4, "big") + b"bad"
    sent = PREFACE + frame(1, 4, 1, b"\x83") + frame(0, 1, 1, call)
    assert b"\x0bgrpc-status\x013" in await answered(tmp_path, sent, [])


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nhost: a\r\n\r\n....", PREFACE + b"\xff" * 20, PREFACE[:-1] + b"x"]
)
async def test_what_is_no_http2_is_cut_off(tmp_path: Path, sent: bytes) -> None:
    said = await answered(tmp_path, sent, [])  # it ends, within its time
    assert b"grpc" not in said
