"""Messages as bytes, by the encoding's own examples and Envoy's published numbers."""

import pytest

from app.sandbox.proxy.protobuf import NotEncodable, fields_of, message, packed, varint

CLUSTER = "envoy.config.cluster.v3.Cluster"


def test_integers_are_written_as_the_encoding_says() -> None:
    assert varint(150) == b"\x96\x01"
    assert len(varint(-1)) == 10


def test_a_message_holds_its_fields_by_number() -> None:
    body = message(CLUSTER, {"name": "x", "type": "EDS", "connect_timeout": "1.25s"})
    assert list(fields_of(body)) == [(1, b"x"), (2, 3), (4, b"\x08\x01\x10\x80\xe5\x9aw")]


def test_a_field_that_does_not_exist_is_named() -> None:
    with pytest.raises(NotEncodable, match=r"Cluster has no field nmae"):
        message(CLUSTER, {"nmae": "x"})


def test_a_value_that_does_not_fit_is_named() -> None:
    with pytest.raises(NotEncodable, match=r"Cluster\.type: 'WRONG' does not fit"):
        message(CLUSTER, {"type": "WRONG"})


def test_a_typed_object_is_packed_with_its_type() -> None:
    url = f"type.googleapis.com/{CLUSTER}"
    assert list(fields_of(packed({"@type": url, "name": "x"}))) == [
        (1, url.encode()),
        (2, b"\x0a\x01x"),
    ]


def test_metadata_is_a_struct() -> None:
    facts = {"filter_metadata": {"istio": {"config": "a", "weight": 1.0, "is": True}}}
    body = message("envoy.config.core.v3.Metadata", facts)
    assert b"config" in body
    assert b"\x1a\x01a" in body


@pytest.mark.parametrize("cut", [b"\x80", b"\x0a\x05ab"])
def test_a_message_that_is_cut_off_is_refused(cut: bytes) -> None:
    with pytest.raises(ValueError, match=r"end"):
        list(fields_of(cut))
