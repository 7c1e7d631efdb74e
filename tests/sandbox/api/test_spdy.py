"""SPDY frames, as kubectl's port-forward sends and reads them."""

import hashlib
import struct
import zlib

import pytest

from app.sandbox.api.spdy import (
    DICTIONARY,
    FIN,
    MOST_BYTES,
    SYN_STREAM,
    BrokenFrame,
    Session,
    control,
    data,
)


def syn_stream(stream: int, **headers: str) -> bytes:
    pairs = [part.encode() for pair in headers.items() for part in pair]
    block = struct.pack(">I", len(headers))
    block += b"".join(struct.pack(">I", len(part)) + part for part in pairs)
    packer = zlib.compressobj(zdict=DICTIONARY)
    packed = packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
    return control(SYN_STREAM, struct.pack(">IIH", stream, 0, 0) + packed)


def test_the_dictionary_is_the_protocols() -> None:
    assert len(DICTIONARY) == 1423
    digest = "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02"
    assert hashlib.sha256(DICTIONARY).hexdigest() == digest


def test_frames_are_read_however_they_are_cut() -> None:
    session = Session()
    sent = syn_stream(1, streamtype="data", port="80") + data(1, b"hello", is_last=True)
    frames = [frame for byte in sent for frame in session.frames(bytes([byte]))]
    assert [(frame.kind, frame.stream) for frame in frames] == [(SYN_STREAM, 1), (0, 1)]
    assert session.headers(frames[0]) == {"streamtype": "data", "port": "80"}
    assert frames[1].body == b"hello"
    assert frames[1].is_last


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">HHI", 0x8002, 1, 0),
        struct.pack(">II", 1, MOST_BYTES + 1),
    ],
)
def test_what_is_no_frame_is_refused(sent: bytes) -> None:
    with pytest.raises(BrokenFrame):
        list(Session().frames(sent))


def test_a_broken_header_block_is_refused() -> None:
    session = Session()
    (frame,) = session.frames(control(SYN_STREAM, b"\0" * 10 + b"garbage"))
    with pytest.raises(BrokenFrame):
        session.headers(frame)


def test_a_last_frame_says_so() -> None:
    assert data(3, b"", is_last=True)[4] == FIN
    assert data(3, b"x")[4] == 0
