"""Port-forward's errors; that it carries bytes, kubectl shows."""

import asyncio
import struct
import zlib

import pytest
from sandbox.api.sockets import send, socket
from sandbox.api.world import registry, running_pod

from app.sandbox.api.forwards import PROTOCOL
from app.sandbox.api.spdy import DICTIONARY, SYN_STREAM, Session, control
from app.sandbox.registry.registry import Registry

POD = "/api/v1/namespaces/default/pods/web"


@pytest.fixture
def made() -> Registry:
    found = registry()
    found.create(running_pod("web"))
    return found


def syn_streams(*headers: dict[str, str]) -> list[bytes]:
    """Return frames that open streams 1, 3, 5 ... of one session."""
    packer, frames = zlib.compressobj(zdict=DICTIONARY), []
    for place, found in enumerate(headers):
        parts = [part.encode() for pair in found.items() for part in pair]
        block = struct.pack(">I", len(found))
        block += b"".join(struct.pack(">I", len(part)) + part for part in parts)
        packed = packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
        head = struct.pack(">IIH", place * 2 + 1, 0, 0)
        frames.append(control(SYN_STREAM, head + packed))
    return frames


async def test_a_port_where_nobody_listens_is_told_on_the_error_stream(made: Registry) -> None:
    async with socket(made, f"{POD}/portforward", [], PROTOCOL) as both:
        assert (await both.came.get())["subprotocol"] == PROTOCOL
        common = {"port": "81", "requestid": "0"}
        kinds: list[dict[str, str]] = [{"streamtype": "error", **common}]
        kinds.append({"streamtype": "data", **common})
        for frame in syn_streams(*kinds):
            send(both, frame)
        session, told = Session(), b""
        while b"connection refused" not in told:
            async with asyncio.timeout(5):
                body = (await both.came.get())["bytes"]
            told += b"".join(frame.body for frame in session.frames(body) if frame.stream == 1)
        assert b"error forwarding port 81 to pod " in told


async def test_garbage_in_a_port_forward_ends_it(made: Registry) -> None:
    async with socket(made, f"{POD}/portforward", [], PROTOCOL) as both:
        await both.came.get()
        send(both, b"\x80\x02\x00\x01\x00\x00\x00\x00")
        assert (await both.came.get())["code"] == 1002
