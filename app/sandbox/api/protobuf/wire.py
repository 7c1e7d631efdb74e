"""Protobuf's wire format: the numbered fields of a message's bytes."""

from collections.abc import Iterator
from typing import TypeAlias

Wire: TypeAlias = "int | bytes"
LONGEST_VARINT = 10  # bytes


class WireError(ValueError):
    """Bytes that are no message."""


def fields(body: bytes) -> Iterator[tuple[int, Wire]]:
    """Yield each field's number and its value: an integer, or the bytes of it.

    Raises: WireError.
    """
    place = 0
    while place < len(body):
        tag, place = _varint(body, place)
        number, type_ = tag >> 3, tag & 7
        if not number:
            raise WireError("a field without a number")
        if type_ == 0:
            value, place = _varint(body, place)
            yield number, value
            continue
        if type_ == 2:
            size, place = _varint(body, place)
        elif type_ in (1, 5):
            size = 8 if type_ == 1 else 4
        else:
            raise WireError(f"wire type {type_}")
        if size < 0 or place + size > len(body):
            raise WireError("unexpected end of the body")
        yield number, body[place : place + size]
        place += size


def _varint(body: bytes, place: int) -> tuple[int, int]:
    value = 0
    for step in range(LONGEST_VARINT):
        if place >= len(body):
            raise WireError("unexpected end of the body")
        byte = body[place]
        place += 1
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            value &= (1 << 64) - 1
            return (value - (1 << 64) if value >> 63 else value), place
    raise WireError("an integer that does not end")
